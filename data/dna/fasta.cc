#include "data/dna/fasta.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <string_view>
#include <utility>

#include "base/characters.h"
#include "base/error.h"
#include "base/file_kind.h"
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

// Makes text_ begin with the next byte that matters; false at the end.
bool FastaReader::Fill() {
  while (Refill()) {
    if (!std::exchange(after_carriage_return_, false) || text_.front() != '\n') return true;
    text_ = text_.subspan(1);
  }
  return false;
}

bool FastaReader::Refill() {
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (text_.empty() && !at_end_) text_ = reader_.Next();
  if (std::exchange(at_begin_, false)) {
    RefuseWideText(reader_.path(), reader_.is_gzip(), text_);
    const std::string_view begin(text_.data(), text_.size());
    if (begin.starts_with(kByteOrderMark)) text_ = text_.subspan(kByteOrderMark.size());
    if (text_.empty()) text_ = reader_.Next();
  }
  at_end_ = text_.empty();
  return !at_end_;
}

// Takes the rest of the line, or as much of it as is in the current piece of text. Sets `complete`
// if the end of the line was there, which is taken, too.
std::span<const char> FastaReader::TakeToLineEnd(bool* complete) {
  const auto length_to = [&](char end, std::size_t most) {
    const void* found = std::memchr(text_.data(), end, most);
    return found == nullptr
               ? most
               : static_cast<std::size_t>(static_cast<const char*>(found) - text_.data());
  };
  const std::size_t length = length_to('\r', length_to('\n', text_.size()));
  *complete = length < text_.size();
  after_carriage_return_ = *complete && text_[length] == '\r';
  const std::span<const char> line = text_.first(length);
  text_ = text_.subspan(length + (*complete ? 1 : 0));
  if (after_carriage_return_ && !text_.empty()) {
    if (text_.front() == '\n') text_ = text_.subspan(1);
    after_carriage_return_ = false;
  }
  return line;
}

void FastaReader::ReadHeader() {
  if (header_line_ > 0) EndRecord();
  std::string header;
  for (bool complete = false; !complete && Refill();) {
    const std::span<const char> part = TakeToLineEnd(&complete);
    header.append(part.begin(), part.end());
    if (header.size() > kLongestHeader) {
      throw BadData("{}: a header of more than {} bytes; is this a FASTA file?", Here(),
                    kLongestHeader);
    }
  }
  name_ = header.substr(1, header.find_first_of(" \t", 1) - 1);
  description_ = Trim(std::string_view(header).substr(std::min(header.size(), name_.size() + 1)));
  if (name_.empty()) throw BadData("{}: a header without a name; write \">name\"", Here());
  header_line_ = line_++;
  record_bases_ = 0;
}

void FastaReader::ReadSequence() {
  bool complete = false;
  Translate(TakeToLineEnd(&complete));
  if (complete) EndLine();
}

void FastaReader::Translate(std::span<const char> letters) {
  if (letters.empty()) return;
  if (header_line_ == 0) {
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
  if (seen == kNoBase) TranslateWithoutBlanks(letters, start);
  column_ += static_cast<Index>(letters.size());
}

// Blocks of ten bases, as GenBank has them, and blanks at the ends of lines.
void FastaReader::TranslateWithoutBlanks(std::span<const char> letters, std::size_t start) {
  codes_.resize(start);
  for (const char letter : letters) {
    if (letter == ' ' || letter == '\t') continue;
    if (CodeOf(letter) == kNoBase) FailLetter(letters);
    codes_.push_back(CodeOf(letter));
  }
}

void FastaReader::EndLine() {
  ++line_;
  column_ = 0;
}

void FastaReader::EndRecord() {
  if (header_line_ == 0) {
    throw BadData("{}: holds no FASTA record; a record begins with a line \">name\"",
                  reader_.path());
  }
  if (record_bases_ == 0) {
    throw BadData("{}:{}: record {} has no sequence; remove its header or add the sequence",
                  reader_.path(), header_line_, Printable(name_));
  }
}

void FastaReader::FailLetter(std::span<const char> letters) const {
  const auto bad = std::find_if(letters.begin(), letters.end(), [](char letter) {
    return letter != ' ' && letter != '\t' && CodeOf(letter) == kNoBase;
  });
  throw BadData(
      "{}: column {}: {} is no base; allowed are A C G T U and the ambiguity codes {}, in "
      "upper or lower case",
      Here(), column_ + (bad - letters.begin()) + 1, LetterText(*bad),
      fmt::join(kAmbiguityCodes, " "));
}

std::string FastaReader::Here() const { return fmt::format("{}:{}", reader_.path(), line_); }

void RecordNames::Add(const std::string& fasta, const FastaReader& reader) {
  if (!names_.insert(reader.record_name()).second) RefuseRepeated(fasta, reader);
}

void RecordNames::RefuseRepeated(const std::string& fasta, const FastaReader& reader) {
  throw BadData("{}:{}: record {} is there twice; names must differ", fasta, reader.header_line(),
                Printable(reader.record_name()));
}

}  // namespace lockstep
