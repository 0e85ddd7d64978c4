// FASTA and GFF3 to a corpus that asks of each base: coding on the forward strand, coding on the
// reverse strand, or neither. Memory does not grow with the genome (but for the names of its
// records): the FASTA file is read twice, and the labels wait in a temporary file.
#pragma once

#include <string>

#include "data/dna/dna_corpus.h"

namespace lockstep {

struct DnaOptions {
  std::string fasta;
  std::string gff;
  std::string out;  // the corpus folder; made when missing
  DnaCutOptions cut;
};

// For telling the user what was done.
struct DnaSummary {
  CorpusInfo info;
  Index records = 0;
  Index bases = 0;         // in the FASTA file
  Index unused_bases = 0;  // in no range
  Index n_bases = 0;       // ambiguity codes, stored as N
  Index cds_rows = 0;
  // Bases with CDS rows on both strands; the row that stands earlier in the file has them.
  Index conflict_bases = 0;
};

// Makes the corpus. A base is coding when a CDS row covers it. InputError for what the user can
// fix, naming file and line; IoError (cannot create) when `out` holds a corpus.
DnaSummary PrepareDna(const DnaOptions& options);

}  // namespace lockstep
