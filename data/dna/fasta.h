// Streaming FASTA: records of any size, lines of any length, in constant memory. LF, CRLF and a
// lone CR end a line, also mixed; a UTF-8 byte order mark before the first line is skipped. U means
// T; lower case means the same letter as upper case; the IUPAC ambiguity codes all become N.
// Headers are bytes, as for other tools: names in Latin-1 are names, and are never converted.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <unordered_set>
#include <vector>

#include "base/gzip_reader.h"
#include "base/types.h"

namespace lockstep {

// The symbols of a DNA corpus, in this order; complements are 3 - code for the bases.
inline constexpr const char* kDnaLetters = "ACGTN";
inline constexpr std::uint8_t kBaseN = 4;

// The base on the other strand; an ambiguous one stays ambiguous.
constexpr std::uint8_t ComplementOf(std::uint8_t code) {
  return code < kBaseN ? static_cast<std::uint8_t>(kBaseN - 1 - code) : code;
}

// Position in kDnaLetters of a letter in upper or lower case, kBaseN for an IUPAC ambiguity code;
// -1 for any other.
int BaseCodeOf(char letter);

// Some bases of one record.
struct FastaPiece {
  bool begins_record = false;           // these are the first bases of the record
  std::span<const std::uint8_t> codes;  // indices into kDnaLetters; valid until the next call
};

class FastaReader {
 public:
  explicit FastaReader(const std::string& path) : reader_(path) {}

  // Sets `piece` to the next bases, at least 1 and at most 2^20 of them, all of one record. Returns
  // false at the end. BadData that names file, line and column of a letter that is not a base.
  bool Next(FastaPiece* piece);

  // The name of the current record: the first word of its header line.
  const std::string& record_name() const { return name_; }
  // The text of that line after the name, without white space at its ends.
  const std::string& description() const { return description_; }
  // The number of that line; the first line has number 1.
  Index header_line() const { return header_line_; }
  // How much of the file has been read, from 0 to 1, for progress.
  double share_read() const { return reader_.share_read(); }

 private:
  bool Fill();
  bool Refill();
  std::span<const char> TakeToLineEnd(bool* complete);
  void ReadHeader();
  void ReadSequence();
  void Translate(std::span<const char> letters);
  void TranslateWithoutBlanks(std::span<const char> letters, std::size_t start);
  void EndLine();
  void EndRecord();
  [[noreturn]] void FailLetter(std::span<const char> letters) const;
  std::string Here() const;

  GzipReader reader_;
  std::span<const char> text_;  // the part of the current piece of text that is not read yet
  Index line_ = 1;
  Index column_ = 0;                    // letters of the current line seen so far
  bool after_carriage_return_ = false;  // if a line feed comes next, it ends the previous line
  bool at_begin_ = true;
  bool at_end_ = false;
  std::string name_;
  std::string description_;
  Index header_line_ = 0;
  Index record_bases_ = 0;
  std::vector<std::uint8_t> codes_;
};

// The names of the records of one FASTA file. What is said of a record gives its name, so two of
// one name could not be told apart.
class RecordNames {
 public:
  // The record that `reader` is in. BadData that names file and line if its name was there before.
  void Add(const std::string& fasta, const FastaReader& reader);
  [[noreturn]] static void RefuseRepeated(const std::string& fasta, const FastaReader& reader);

 private:
  std::unordered_set<std::string> names_;
};

}  // namespace lockstep
