// Computes loss, accuracy and the metric of the model over a whole split. The batches and the order
// of all sums do not depend on the number of ranks and threads, so neither do the results.
#pragma once

#include <optional>
#include <string>

#include "base/function_ref.h"
#include "data/corpus/split_shards.h"
#include "data/stream/batch_stream.h"
#include "worker/worker.h"

namespace lockstep {

struct Evaluation {
  double loss = 0;   // mean over targets
  StepSums sums;     // sums over the split
  ClassTally tally;  // of the split; without classes if the model's metric needs none
  Index sequences = 0;
  double seconds = 0;
  // The model's count number `i` (Model::counts) divided by the number of targets; for example the
  // share of correct targets.
  double Share(std::size_t i) const {
    return static_cast<double>(sums.counts[i]) / static_cast<double>(sums.targets);
  }
};

// Collective. `shards` are the shards of the split; they stay open for the next evaluation.
// `stream` holds the options of training, from which EvaluationStream derives those of evaluation.
// After each batch, every rank calls `wants_stop`; if it returns a value other than 0 on any rank,
// all ranks give up and return nothing, and worker->notes() tell which rank it was
// (RankNote::wants_stop).
std::optional<Evaluation> Evaluate(const std::string& corpus_folder, const CorpusInfo& corpus,
                                   const std::string& split, SplitShards* shards,
                                   const StreamOptions& stream, const float* values,
                                   FunctionRef<double()> wants_stop, Worker* worker);

}  // namespace lockstep
