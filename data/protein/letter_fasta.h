// Reads FASTA whose letters may be any: residues, secondary-structure states, masks. Plain or gzip,
// lines of up to 2^20 bytes. White space within a sequence is left out, so a state cannot be
// written as a blank. Who uses the letters checks them; bases of genomes are read by
// data/dna/fasta.h.
#pragma once

#include <string>

#include "base/line_reader.h"

namespace lockstep {

struct LetterRecord {
  std::string name;         // the first word of the header
  std::string description;  // the rest of the header, without white space at its ends
  Index line = 0;           // the number of the header's line; the first line has number 1
  std::string letters;      // at least one
};

class LetterFasta {
 public:
  // More letters in a record are BadData: no protein is that long, so it is another file.
  static constexpr std::size_t kMostLetters = std::size_t{1} << 24;

  // MissingInput if the file does not exist.
  explicit LetterFasta(const std::string& path) : lines_(path, AnyBytes{}) {}

  // Sets `record` to the next one; false at the end. BadData that names file and line for letters
  // before the first header, a header without name, a record without letters, and a file without a
  // record.
  bool Next(LetterRecord* record);

  // "FILE:LINE: record NAME", with which messages about a record begin.
  std::string Place(const LetterRecord& record) const;
  const std::string& path() const { return lines_.path(); }
  // How much of the file has been read, from 0 to 1, for progress.
  double share_read() const { return lines_.share_read(); }

 private:
  void TakeHeader(LetterRecord* record);
  void AddLetters(std::string_view line, LetterRecord* record) const;

  LineReader lines_;
  std::string header_;     // of the next record
  Index header_line_ = 0;  // its line; 0: it is not read yet
  bool any_ = false;       // a record was returned
};

}  // namespace lockstep
