// Reads annotations (data/dna/gff3.h) of a genome: which bases are coding, and what does not fit
// the sequences.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "data/dna/base_labels.h"
#include "data/dna/coding_sequence.h"
#include "data/dna/genome.h"
#include "data/dna/label_file.h"

namespace lockstep {

// What the annotations hold, to be shown to the user.
struct AnnotationSummary {
  Index cds_rows = 0;
  Index origin_rows = 0;   // of them, rows over the origin of a circular sequence
  Index pseudo_genes = 0;  // coding sequences of pseudogenes, whose bases have no frame
  Index stop_rows = 0;     // rows stop_codon of GTF, whose CDS rows end before them
  std::map<std::string, Index> other_rows;  // rows of other types, which are passed over
  std::vector<std::string> bare_records;    // sequences on which there is no CDS row
  std::vector<std::string> warnings;        // sentences about what may be wrong
};

// Gives the bases that CDS rows cover their classes. A row of a sequence that an attribute
// Is_circular=true calls circular may lie over its end: positions beyond it count on from the
// origin. With
// BaseLabels::kFrame, memory grows with the number of CDS rows, because rows of one gene may be far
// apart. BadData that names file and line of a row that does not fit its sequence, of a
// ##sequence-region that ends after it, and of a file without any CDS row.
AnnotationSummary PaintAnnotations(const GenomeFiles& files, const Genome& genome,
                                   BaseLabels scheme, LabelFile* labels);

// The coding sequences of all annotations, with the same checks of their rows, but a file without
// any CDS row has none. Memory grows with their number.
std::vector<CodingSequence> ReadCodingSequences(const GenomeFiles& files, const Genome& genome);

// Counts of rows by type, the most frequent first: "gene" 12, "region" 1.
std::string RowsText(const std::map<std::string, Index>& rows);

}  // namespace lockstep
