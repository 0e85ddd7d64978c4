// Reads annotations row by row: GFF3 (The Sequence Ontology, GFF3 1.26), GTF (also called GFF 2.5)
// and GFF2, whose first eight columns are the same. Checks the columns of each row. Comments are
// skipped; reading stops at "##FASTA". Lines are bytes: names in Latin-1 stay as they are, because
// they must equal those of the FASTA file.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/line_reader.h"
#include "base/types.h"

namespace lockstep {

struct Gff3Row {
  std::string seqid;       // with %XX unescaped
  std::string type;        // "CDS", "gene", ...
  Index start = 0;         // first base, 1-based
  Index end = 0;           // last base, inclusive; start <= end
  char strand = '.';       // one of + - . ?
  int phase = -1;          // column 8, 0 to 2; -1 if it says nothing
  std::string attributes;  // column 9 as it stands; empty if the row has none
  Index line = 0;          // number of its line in the file
};

// What a line "##sequence-region SEQID START END" says; its end is 0 if the line cannot be read.
struct SequenceRegion {
  std::string seqid;  // with %XX unescaped
  Index start = 0;
  Index end = 0;
  Index line = 0;
};

class Gff3Reader {
 public:
  explicit Gff3Reader(const std::string& path) : lines_(path, AnyBytes{}) {}

  // Sets `row` to the next row; returns false at the end. BadData that names file, line and what is
  // wrong.
  bool Next(Gff3Row* row);

  // The regions that were named before the row that Next returned last.
  const std::vector<SequenceRegion>& regions() const { return regions_; }
  const std::string& path() const { return lines_.path(); }

 private:
  void ParseDirective(std::string_view line);
  void ParseRow(std::string_view line, Gff3Row* row) const;
  Index Position(std::string_view text, const char* column) const;
  std::string Here() const;

  LineReader lines_;
  std::vector<SequenceRegion> regions_;
  bool old_version_ = false;  // "##gff-version 2", whose rows may have no column 9
  bool at_fasta_ = false;
};

// Whether a type means coding sequence: CDS in upper or lower case, its accession number
// SO:0000316, its synonym coding_sequence, or a kind of CDS of the Sequence Ontology.
bool IsCdsType(std::string_view type);
// Whether column 9 is written as in GTF (`gene_id "b0001";`). There, rows of type CDS end before
// the stop codon, which has a row of type stop_codon.
bool HasGtfAttributes(const Gff3Row& row);
// The value of an attribute of column 9, in the form of GFF3 (`ID=cds1`, unescaped) or of GTF
// (`transcript_id "t1";`); empty if there is none of that name. Names are compared in exact case.
std::string AttributeOf(const Gff3Row& row, std::string_view name);
// Whether the attribute is "true", in upper or lower case.
bool SaysTrue(const Gff3Row& row, std::string_view name);
// Whether column 9 of a GFF3 row says that its sequence is circular.
bool SaysCircular(const Gff3Row& row);

}  // namespace lockstep
