// Makes a corpus from proteins with one label per residue. docs/protein.md explains each option.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "data/corpus/corpus_writer.h"
#include "data/protein/labelled_proteins.h"
#include "data/splits/known_samples.h"
#include "data/splits/split_draw.h"

namespace lockstep {

struct ProteinCorpusOptions {
  std::string out;  // folder of the corpus, which must hold none
  std::vector<ProteinFiles> files;
  SplitDraw draw = {};  // takes valid and test from the proteins of train
  // True: labels are states of DSSP and become H, E and C (state_letters.h). False: each letter
  // that the training files have as a label is a class.
  bool three_states = false;
  // The genetic code of sequences that are coding DNA; nothing: they are amino acids.
  std::optional<int> genetic_code = {};
  Index shard_bytes = kDefaultShardBytes;  // 1 or more
};

struct ProteinSummary {
  struct Split {
    Index proteins = 0;
    Index residues = 0;
    Index longest = 0;
    Index unknown = 0;           // residues that are X
    Index counted = 0;           // residues whose label counts
    std::vector<Index> classes;  // counted residues by class
  };
  CorpusInfo info;
  std::array<Split, kDataSplits> splits;  // by DataSplit
  KnownSamples known;  // proteins of validation and test whose sequences are in training
};

// UsageError where options do not go together; BadData that names file, record and position for
// what cannot be used of the files.
ProteinSummary PrepareProteins(const ProteinCorpusOptions& options);

}  // namespace lockstep
