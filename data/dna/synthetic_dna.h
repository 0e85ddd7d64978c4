// Makes a corpus from a genome that is drawn from a GenomeModel: it can have any size, needs no
// download, and its best possible accuracy is known. It has the alphabet and classes of a corpus of
// real DNA (data/dna/dna.h).
#pragma once

#include <cstdint>
#include <string>

#include "data/dna/dna_corpus.h"

namespace lockstep {

struct SyntheticDnaOptions {
  Index bases = 0;  // 1 .. 2^40
  std::uint64_t seed = 1;
  std::string out;  // the corpus folder; made if it does not exist
  DnaCutOptions cut;
};

// Accuracies of the best possible guesses, all on the same bases: the last ones of the test split,
// at most 2 million of its last range.
struct BayesReport {
  Index bases = 0;                   // the number of these bases; 0: there is no test split
  double majority_accuracy = 0;      // for always guessing the class that is most frequent there
  double bayes_accuracy = 0;         // for guessing the most likely class given all of these bases
  double bayes_accuracy_window = 0;  // the same given only the window of the model, with context
};

struct SyntheticDnaSummary {
  CorpusInfo info;
  Index bases = 0;
  Index unused_bases = 0;  // bases that are in no range of any split
  BayesReport bayes;
};

// Makes the corpus with constant memory. Throws the same errors as PrepareDna.
SyntheticDnaSummary PrepareSyntheticDna(const SyntheticDnaOptions& options);

}  // namespace lockstep
