// Reads {"train": [[[60, 64], [], ...], ...], "valid": ..., "test": ...}: members in any order,
// each a list of pieces; a piece is a list of steps, a step the list of its notes. A reader of its
// own rather than a JSON library, because it holds one piece at a time and names the byte of an
// error.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>

#include "base/error.h"
#include "base/file_kind.h"
#include "base/gzip_reader.h"
#include "data/music/roll_files.h"

namespace lockstep {
namespace {

class JsonRolls {
 public:
  JsonRolls(const std::string& path, VisitRoll visit) : reader_(path), visit_(visit) {}

  void Read() {
    Expect('{', "the object with the members train, valid and test");
    for (bool first = true; !Ended('}', first); first = false) ReadMember();
    if (Peek() != kEnd) Fail("the end of the file");
  }

 private:
  static constexpr int kEnd = -1;

  // Whether there is a character piece_[at_], white space or not.
  bool HasNext() {
    if (at_ < piece_.size()) return true;
    const bool at_begin = passed_ == 0 && piece_.empty();
    passed_ += static_cast<Index>(piece_.size());
    piece_ = reader_.Next();
    at_ = 0;
    if (at_begin) SkipMark();
    return at_ < piece_.size() || (at_begin && !piece_.empty() && HasNext());
  }
  // A byte order mark, which other programs may write before a text.
  void SkipMark() {
    RefuseWideText(reader_.path(), reader_.is_gzip(), piece_);
    constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
    if (std::string_view(piece_.data(), piece_.size()).starts_with(kByteOrderMark))
      at_ = kByteOrderMark.size();
  }
  // The next character that is no white space, and its place; kEnd at the end.
  int Peek() {
    for (; HasNext(); ++at_) {
      const char c = piece_[at_];
      if (c != ' ' && c != '\n' && c != '\r' && c != '\t') return static_cast<unsigned char>(c);
    }
    return kEnd;
  }
  void Skip() { ++at_; }
  Index place() const { return passed_ + static_cast<Index>(at_); }

  [[noreturn]] void Fail(const std::string& wanted) {
    const int c = Peek();
    std::string found = "the file ends";
    if (c > ' ' && c < 0x7F) found = fmt::format("there is '{}'", static_cast<char>(c));
    if (c >= 0x7F || (c >= 0 && c <= ' ')) found = fmt::format("there is the byte 0x{:02x}", c);
    throw BadData("{}: at byte {}{} {}, where {} must be; docs/music.md shows the format",
                  reader_.path(), place(), roll_.name.empty() ? "" : ", in piece " + roll_.name,
                  found, wanted);
  }
  void Expect(char c, const std::string& wanted) {
    if (Peek() != c) Fail(fmt::format("'{}', the begin of {},", c, wanted));
    Skip();
  }
  // True, and past it, at the end of a list; otherwise past the comma before the next item.
  bool Ended(char close, bool first) {
    if (Peek() == close) {
      Skip();
      return true;
    }
    if (first) return false;
    if (Peek() != ',') Fail(fmt::format("',' or '{}'", close));
    Skip();
    return false;
  }

  void ReadMember() {
    Expect('"', "the name of a member");
    std::string name;
    constexpr std::size_t kLongest = 16;
    for (; HasNext() && piece_[at_] != '"' && name.size() < kLongest; Skip()) name += piece_[at_];
    DataSplit split{};
    if (!SplitFromName(name, &split)) Fail("the end of a name that is train, valid or test");
    Skip();
    if (Peek() != ':') Fail("':'");
    Skip();
    Expect('[', "the list of pieces");
    Index& number = pieces_[static_cast<std::size_t>(split)];
    for (bool first = true; !Ended(']', first); first = false, ++number) {
      roll_ = {fmt::format("{}:{}", name, number), {}};
      ReadPiece();
      visit_(split, roll_);
    }
    roll_.name.clear();
  }

  void ReadPiece() {
    Expect('[', "a piece");
    for (bool first = true; !Ended(']', first); first = false) {
      if (static_cast<Index>(roll_.steps.size()) == kMostSteps)
        Fail(fmt::format("the end of the piece, which may have {} steps,", kMostSteps));
      roll_.steps.push_back(ReadStep());
    }
    if (roll_.steps.empty())
      throw BadData("{}: piece {}, which ends at byte {}, has no step; leave it out",
                    reader_.path(), roll_.name, place());
  }

  KeySet ReadStep() {
    Expect('[', "a step");
    KeySet keys;
    for (bool first = true; !Ended(']', first); first = false) {
      const int note = ReadNumber();
      if (!IsKey(note)) {
        throw BadData("{}: note {} before byte {}, in piece {}, step {}; allowed are {} to {}",
                      reader_.path(), note, place(), roll_.name, roll_.steps.size(), kLowestNote,
                      kHighestNote);
      }
      keys.set(KeyOf(note));
    }
    return keys;
  }

  // A number of at most four digits: more make no note.
  int ReadNumber() {
    constexpr int kTooLarge = 9999;
    if (Peek() < '0' || Peek() > '9') Fail("a note");
    int number = 0;
    while (HasNext()) {
      const char c = piece_[at_];
      if (c < '0' || c > '9') break;
      number = std::min(10 * number + (c - '0'), kTooLarge);
      Skip();
    }
    return number;
  }

  GzipReader reader_;
  VisitRoll visit_;
  std::span<const char> piece_;
  std::size_t at_ = 0;  // in piece_
  Index passed_ = 0;    // bytes of the text before piece_
  PianoRoll roll_;
  std::array<Index, kDataSplits> pieces_{};
};

}  // namespace

void ReadJsonRolls(const std::string& path, VisitRoll visit) { JsonRolls(path, visit).Read(); }

}  // namespace lockstep
