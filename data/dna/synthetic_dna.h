// A corpus of a genome that is drawn from a GenomeModel: any size, nothing to download, and the
// best possible accuracy is known. It has the alphabet and classes of a real one (data/dna/dna.h).
#pragma once

#include <cstdint>
#include <string>

#include "data/dna/dna_corpus.h"

namespace lockstep {

struct SyntheticDnaOptions {
  Index bases = 0;  // 1 .. 2^40
  std::uint64_t seed = 1;
  std::string out;  // the corpus folder; made when missing
  DnaCutOptions cut;
};

// How good a guess can be on the bases that end the test split, at most 2 million of its last
// range. All figures are of the same bases.
struct BayesReport {
  Index bases = 0;                   // 0: there is no test split, nothing is known
  double majority_accuracy = 0;      // always the class that is most frequent there
  double bayes_accuracy = 0;         // the most likely class given all of these bases
  double bayes_accuracy_window = 0;  // given only the window that a model sees, context included
};

struct SyntheticDnaSummary {
  CorpusInfo info;
  Index bases = 0;
  Index unused_bases = 0;  // in no range
  BayesReport bayes;
};

// Makes the corpus in constant memory. Errors as PrepareDna.
SyntheticDnaSummary PrepareSyntheticDna(const SyntheticDnaOptions& options);

}  // namespace lockstep
