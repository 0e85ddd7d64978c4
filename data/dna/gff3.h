// Reads GFF3 files (The Sequence Ontology, GFF3 1.26) row by row and checks the nine columns of
// each row. Directives and comments are skipped; reading stops at "##FASTA".
#pragma once

#include <string>
#include <string_view>

#include "base/gzip_lines.h"
#include "base/types.h"

namespace lockstep {

struct Gff3Row {
  std::string seqid;  // with %XX unescaped
  std::string type;   // "CDS", "gene", ...
  Index start = 0;    // first base, 1-based
  Index end = 0;      // last base, inclusive; start <= end
  char strand = '.';  // one of + - . ?
  Index line = 0;     // number of its line in the file
};

class Gff3Reader {
 public:
  explicit Gff3Reader(const std::string& path) : lines_(path) {}

  // Sets `row` to the next row; returns false at the end. BadData that names file, line and what is
  // wrong.
  bool Next(Gff3Row* row);

  const std::string& path() const { return lines_.path(); }

 private:
  void ParseRow(std::string_view line, Gff3Row* row) const;
  Index Position(std::string_view text, const char* column) const;
  std::string Here() const;

  LineReader lines_;
  bool at_fasta_ = false;
};

}  // namespace lockstep
