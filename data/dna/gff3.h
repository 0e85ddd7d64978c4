// Streaming GFF3 (The Sequence Ontology, GFF3 1.26): the rows of the nine columns, checked one by
// one. Directives and comments are passed over; reading stops at "##FASTA".
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
  Index line = 0;     // in the file
};

class Gff3Reader {
 public:
  explicit Gff3Reader(const std::string& path) : lines_(path) {}

  // The next row; false at the end. BadData names file and line of what is wrong.
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
