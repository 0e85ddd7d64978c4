// Turns FASTA and GFF3 files, any number of each, into a corpus in which each base has a class
// (data/dna/base_labels.h): coding on one strand, also with its place in the codon, or other.
// Memory does not grow with the genome, except for the names of its records: the files are read
// twice, and the classes are kept in a temporary file between the two passes.
#pragma once

#include <string>

#include "data/dna/annotation.h"
#include "data/dna/dna_corpus.h"
#include "data/dna/gc_bins.h"
#include "data/dna/genome.h"

namespace lockstep {

struct DnaOptions {
  GenomeFiles files;  // one or more of each
  BaseLabels labels = BaseLabels::kStrand;
  GcBins gc_bins;
  // False: the GC bins are those of another corpus, and stay as they are.
  bool join_rare_bins = true;
  std::string out;  // the corpus folder; made if it does not exist
  DnaCutOptions cut;
};

// What was done, to be shown to the user.
struct DnaSummary {
  CorpusInfo info;
  Index records = 0;
  Index bases = 0;         // in the FASTA files
  Index unused_bases = 0;  // bases that are in no range of any split
  Index n_bases = 0;       // ambiguity codes, stored as N
  AnnotationSummary annotation;
  GcBins gc_bins;                // rare ones joined
  std::vector<Index> bin_bases;  // [bins]  bases of the training split in each of them
  // Bases that lost their labels, because those of overlapping genes do not follow each other.
  Index order_bases = 0;
  // Bases with CDS rows on both strands. They get the class of the row that is earlier in the file.
  Index conflict_bases = 0;
};

// Makes the corpus. A base is coding if a CDS row covers it. InputError that names file and line
// for faults that the user can fix; IoError (kCannotCreate) if `out` holds a corpus already.
DnaSummary PrepareDna(const DnaOptions& options);

}  // namespace lockstep
