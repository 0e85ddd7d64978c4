// Makes a corpus of a user's own numbers: sequences of real-valued inputs, or single vectors, with
// a class or real targets per step or per sequence. docs/arrays.md describes formats and options.
//
//   field "inputs"   float32, one row per step: the inputs, normalised, then indicators
//   field "targets"  ids of the vocabulary "classes", or float32 [K], per step or per sequence
//
// The name of a sample is that of its sequence, or its line; CorpusInfo::task makes the
// ArrayEncoder for new data. The corpus is a pure function of the files, their names and the
// options.
//
//   ArrayCorpusOptions options;
//   options.out = "corpus";
//   options.files[0].files = {"rain.csv"};
//   options.read.table.sequence_column = "basin";
//   options.read.table.target_columns = {"discharge"};
//   options.draw.valid_fraction = options.draw.test_fraction = 0.1;
//   const ArrayCorpusSummary summary = PrepareArrays(options);
#pragma once

#include <string>
#include <vector>

#include "data/arrays/array_encoder.h"
#include "data/arrays/array_measures.h"
#include "data/corpus/corpus_writer.h"

namespace lockstep {

struct ArrayCorpusSummary {
  CorpusInfo info;
  ArraySurvey survey;
  ArrayMeasures measures;
  ArrayTask task;
  FilledCounts filled;
};

// Reads the files four times: for splits and targets, for missing values, for the statistics, and
// to write. Memory: the longest sequence, 24 bytes per sequence and its name, one shard per split,
// and the arrays of one .npz or HDF5 file.
ArrayCorpusSummary PrepareArrays(const ArrayCorpusOptions& options);

// Makes *options read and scale files as those of another corpus were, and name its classes;
// `folder` (of it, or of a run that was trained on it) holds it. UsageError where that is no corpus
// of arrays.
void TakeOver(const CorpusInfo& corpus, const std::string& folder, ArrayCorpusOptions* options);

}  // namespace lockstep
