// Transcripts that are known, for finding when their words are said (predict --align).
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "data/corpus/shard_format.h"
#include "data/text/units.h"
#include "launch/frame/options.h"
#include "worker/decode/log_posteriors.h"

namespace lockstep {

// UsageError if options are given that have no use with --align, if what is to be aligned has no
// transcripts, or if there is no --out.
void CheckAlignOptions(const Options& options);

// Turns transcripts into the labels of a run.
class TranscriptLabels {
 public:
  // UsageError for units whose pieces the run does not keep. `corpus` is that of the run.
  explicit TranscriptLabels(const CorpusInfo& corpus);

  // BadData if the transcript is empty or has symbols that are no labels.
  std::vector<Index> Encode(const std::string& transcript) const;

 private:
  std::optional<Units> units_;
};

// BadData if the labels cannot be aligned with the frames: there are too few frames, or the lattice
// would take more than a gigabyte of memory.
void CheckAlignable(const LogPosteriors& posteriors, std::span<const Index> labels);

}  // namespace lockstep
