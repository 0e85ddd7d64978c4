#include "data/dna/fasta.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <string_view>

#include "base/error.h"
#include "base/text.h"

namespace lockstep {
namespace {

constexpr std::uint8_t kNoBase = 0xff;
constexpr std::string_view kAmbiguityCodes = "NRYSWKMBDHV";
constexpr std::size_t kLongestHeader = std::size_t{1} << 20;

constexpr std::array<std::uint8_t, 256> MakeCodeTable() {
  std::array<std::uint8_t, 256> table{};
  table.fill(kNoBase);
  const auto set = [&table](char letter, std::uint8_t code) {
    table[static_cast<unsigned char>(letter)] = code;
    table[static_cast<unsigned char>(letter - 'A' + 'a')] = code;
  };
  for (std::uint8_t code = 0; code < kBaseN; ++code) set(kDnaLetters[code], code);
  set('U', 3);  // RNA
  for (char letter : kAmbiguityCodes) set(letter, kBaseN);
  return table;
}
constexpr std::array<std::uint8_t, 256> kCodeOf = MakeCodeTable();

std::uint8_t CodeOf(char letter) { return kCodeOf[static_cast<unsigned char>(letter)]; }

std::string LetterText(char letter) {
  const auto byte = static_cast<unsigned char>(letter);
  if (byte > ' ' && byte < 127) return fmt::format("\"{}\"", letter);
  return fmt::format("byte 0x{:02x}", byte);
}

}  // namespace

int BaseCodeOf(char letter) { return CodeOf(letter) == kNoBase ? -1 : CodeOf(letter); }

// Goes through the text line by line, or by the parts of a line that are in the current piece of
// text. Returns the bases gathered so far when the piece of text is used up or the record ends.
bool FastaReader::Next(FastaPiece* piece) {
  codes_.clear();
  const auto at_header = [this] { return column_ == 0 && text_.front() == '>'; };
  while (Fill() && !(at_header() && !codes_.empty())) {
    if (at_header()) {
      ReadHeader();
    } else {
      ReadSequence();
    }
    if (text_.empty() && !codes_.empty()) break;
  }
  if (at_end_ && codes_.empty()) EndRecord();
  if (codes_.empty()) return false;
  piece->begins_record = record_bases_ == 0;
  piece->codes = codes_;
  record_bases_ += static_cast<Index>(codes_.size());
  return true;
}

bool FastaReader::Fill() {
  if (text_.empty() && !at_end_) text_ = reader_.Next();
  at_end_ = text_.empty();
  return !at_end_;
}

void FastaReader::ReadHeader() {
  if (header_line_ > 0) EndRecord();
  std::string header;
  for (bool complete = false; !complete && Fill();) {
    const auto end = std::find(text_.begin(), text_.end(), '\n');
    complete = end != text_.end();
    header.append(text_.begin(), end);
    text_ = text_.subspan(static_cast<std::size_t>(end - text_.begin()) + (complete ? 1 : 0));
    if (header.size() > kLongestHeader) {
      throw BadData("{}: a header of more than {} bytes; is this a FASTA file?", Here(),
                    kLongestHeader);
    }
  }
  name_ = header.substr(1, header.find_first_of(" \t\r", 1) - 1);
  description_ = Trim(std::string_view(header).substr(std::min(header.size(), name_.size() + 1)));
  if (name_.empty()) throw BadData("{}: a header without a name; write \">name\"", Here());
  header_line_ = line_++;
  record_bases_ = 0;
}

void FastaReader::ReadSequence() {
  const void* end = std::memchr(text_.data(), '\n', text_.size());
  const bool complete = end != nullptr;
  const std::size_t length =
      complete ? static_cast<std::size_t>(static_cast<const char*>(end) - text_.data())
               : text_.size();
  Translate(text_.first(length));
  text_ = text_.subspan(complete ? length + 1 : length);
  if (complete) EndLine();
}

// Translates letters to codes. A carriage return at the end of the letters may be half of a line
// end whose other half is in the next piece, so it is checked when the next letter comes.
void FastaReader::Translate(std::span<const char> letters) {
  if (letters.empty()) return;
  if (carriage_return_) FailLetter(std::span("\r", 1));
  carriage_return_ = letters.back() == '\r';
  if (carriage_return_) letters = letters.first(letters.size() - 1);
  if (!letters.empty() && header_line_ == 0) {
    throw BadData(
        "{}: sequence before the first header; a FASTA record begins with a line "
        "\">name\"",
        Here());
  }
  const std::size_t start = codes_.size();
  codes_.resize(start + letters.size());
  std::uint8_t seen = 0;
  for (std::size_t i = 0; i < letters.size(); ++i) {
    codes_[start + i] = CodeOf(letters[i]);
    seen |= codes_[start + i];
  }
  if (seen == kNoBase) FailLetter(letters);
  column_ += static_cast<Index>(letters.size());
}

void FastaReader::EndLine() {
  ++line_;
  column_ = 0;
  carriage_return_ = false;
}

void FastaReader::EndRecord() {
  if (header_line_ == 0) {
    throw BadData("{}: holds no FASTA record; a record begins with a line \">name\"",
                  reader_.path());
  }
  if (record_bases_ == 0) {
    throw BadData("{}:{}: record \"{}\" has no sequence; remove its header or add the sequence",
                  reader_.path(), header_line_, name_);
  }
}

void FastaReader::FailLetter(std::span<const char> letters) const {
  const auto bad = std::find_if(letters.begin(), letters.end(),
                                [](char letter) { return CodeOf(letter) == kNoBase; });
  throw BadData(
      "{}: column {}: {} is no base; allowed are A C G T U and the ambiguity codes {}, in "
      "upper or lower case",
      Here(), column_ + (bad - letters.begin()) + 1, LetterText(*bad),
      fmt::join(kAmbiguityCodes, " "));
}

std::string FastaReader::Here() const { return fmt::format("{}:{}", reader_.path(), line_); }

}  // namespace lockstep
