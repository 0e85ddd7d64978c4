// A gene of a prokaryote as the gene finder sees it: one run of codons from start to stop.
#pragma once

#include "base/types.h"

namespace lockstep {

struct Gene {
  Index begin = 0;  // lowest base in the record, from 0; the stop codon belongs to the gene
  Index end = 0;    // exclusive
  bool plus_strand = true;
  bool open_start = false;  // its first bases lie outside of what is known
  bool open_stop = false;   // its last bases do
  double score = 0;         // log of the ratio of the probabilities of gene and no gene, as learned
  double base_score = 0;    // the part of it that its bases bring, without that of its start
  double model_score = 0;   // what the model says of its bases, not weighted
  bool is_remnant = false;  // reads like a gene, but begins like none: a piece of a pseudogene

  Index bases() const { return end - begin; }
  // The first base of the start codon and, as a position behind it, the end of the gene in the
  // direction in which it is read.
  Index first_base() const { return plus_strand ? begin : end - 1; }
  Index last_base() const { return plus_strand ? end - 1 : begin; }
};

}  // namespace lockstep
