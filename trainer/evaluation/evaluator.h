// Loss and accuracy of a whole split. The batches and the order of all sums are those of one rank,
// so the figures are the same for any number of ranks and threads.
#pragma once

#include <optional>
#include <string>

#include "base/function_ref.h"
#include "data/corpus/split_shards.h"
#include "data/stream/batch_stream.h"
#include "worker/worker.h"

namespace lockstep {

struct Evaluation {
  double loss = 0;  // mean over targets
  StepSums sums;    // over the split
  Index sequences = 0;
  double seconds = 0;
  // The share of the targets that the model's count number `i` counts, for example the right ones.
  double Share(std::size_t i) const {
    return static_cast<double>(sums.counts[i]) / static_cast<double>(sums.targets);
  }
};

// Collective. `shards` are of the split, and stay open for the next time; `stream` is that of
// training; EvaluationStream makes its own of it. `wants_stop` of
// each rank is asked after every batch (RankNote::wants_stop): when one is not 0 all ranks give up
// and get nothing; worker->notes() then say who wanted it.
std::optional<Evaluation> Evaluate(const std::string& corpus_folder, const CorpusInfo& corpus,
                                   const std::string& split, SplitShards* shards,
                                   const StreamOptions& stream, const float* values,
                                   FunctionRef<double()> wants_stop, Worker* worker);

}  // namespace lockstep
