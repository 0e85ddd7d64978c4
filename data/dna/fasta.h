// Streaming FASTA: records of any size, lines of any length, in constant memory. U means T; lower
// case means the same letter as upper case; the IUPAC ambiguity codes all become N.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/gzip_lines.h"
#include "base/types.h"

namespace lockstep {

// The symbols of a DNA corpus, in this order; complements are 3 - code for the bases.
inline constexpr const char* kDnaLetters = "ACGTN";
inline constexpr std::uint8_t kBaseN = 4;

// Position in kDnaLetters of a letter in upper or lower case, kBaseN for an IUPAC ambiguity code;
// -1 for any other.
int BaseCodeOf(char letter);

// Some bases of one record.
struct FastaPiece {
  bool begins_record = false;           // these are the first ones of it
  std::span<const std::uint8_t> codes;  // positions in kDnaLetters; valid until the next call
};

class FastaReader {
 public:
  explicit FastaReader(const std::string& path) : reader_(path) {}

  // The next bases, at least 1 and at most 1 MiB, never of two records; false at the end. BadData
  // names file, line and column of what is no base.
  bool Next(FastaPiece* piece);

  // Of the current record: the first word of its header line.
  const std::string& record_name() const { return name_; }
  // What its header line says after the name, without white space at its ends.
  const std::string& description() const { return description_; }
  // Line of that header; the first line is 1.
  Index header_line() const { return header_line_; }

 private:
  bool Fill();
  void ReadHeader();
  void ReadSequence();
  void Translate(std::span<const char> letters);
  void EndLine();
  void EndRecord();
  [[noreturn]] void FailLetter(std::span<const char> letters) const;
  std::string Here() const;

  GzipReader reader_;
  std::span<const char> text_;  // of the current piece, not looked at yet
  Index line_ = 1;
  Index column_ = 0;              // letters of the current line seen so far
  bool carriage_return_ = false;  // the last letter was one: only a line end may follow
  bool at_end_ = false;
  std::string name_;
  std::string description_;
  Index header_line_ = 0;
  Index record_bases_ = 0;
  std::vector<std::uint8_t> codes_;
};

}  // namespace lockstep
