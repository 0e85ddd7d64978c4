// How a user's own tables and arrays become a corpus. docs/arrays.md explains each option.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "data/arrays/array_reading.h"
#include "data/arrays/column_scaling.h"
#include "data/corpus/shard_writer.h"
#include "data/splits/split_draw.h"

namespace lockstep {

// What becomes of missing inputs.
enum class MissingRule {
  kRefuse,
  kMean,       // the mean of the training split
  kPrevious,   // the last value before it in the sequence; the mean where there is none
  kIndicator,  // the mean, and a further input that is 1 where the value was missing, else 0
};
const char* MissingRuleName(MissingRule rule);
// UsageError that names --missing-values for a word that is no rule.
MissingRule ParseMissingRule(const std::string& word);

// Another corpus, or the run that was trained on it, as which a new corpus is read and scaled: the
// model of the run can be evaluated on the new one.
struct LikeArrayCorpus {
  std::string folder;
  std::string task;  // CorpusInfo::task
};

struct ArrayCorpusOptions {
  std::string out;                              // folder of the corpus, which must hold none
  std::array<ArrayFiles, kDataSplits> files{};  // by DataSplit; those of train must be there
  ArrayReadOptions read;
  MissingRule missing_rule = MissingRule::kRefuse;
  // Leaves out what has no target: the steps count in no loss, sequences without any are dropped.
  bool skip_missing_targets = false;
  // Standard, because recurrent networks start from weights made for inputs of that size, and
  // losses of real targets can be compared between columns only on a common scale.
  ScalingRule inputs = ScalingRule::kStandard;
  ScalingRule targets = ScalingRule::kStandard;
  SplitDraw draw;                          // takes valid and test from the sequences of train
  std::vector<std::string> classes;        // in the order of their ids; empty: those found in train
  Index shard_bytes = kDefaultShardBytes;  // 1 or more

  const ArrayFiles& FilesOf(DataSplit split) const {
    return files[static_cast<std::size_t>(split)];
  }
  std::optional<LikeArrayCorpus> like;  // set by TakeOver; then no training data is needed
  bool has_split_column() const { return !read.table.split_column.empty(); }
};

// UsageError that lists all violations together.
void CheckArrayCorpusOptions(const ArrayCorpusOptions& options);

}  // namespace lockstep
