#include "trainer/evaluation/evaluator.h"

#include <algorithm>

#include "base/error.h"
#include "base/phase_timer.h"

namespace lockstep {

std::optional<Evaluation> Evaluate(const std::string& corpus_folder, const CorpusInfo& corpus,
                                   const std::string& split, SplitShards* shards,
                                   const StreamOptions& training, const float* values,
                                   FunctionRef<double()> wants_stop, Worker* worker) {
  const double start = Seconds();
  BatchStream stream(corpus_folder, corpus, split, EvaluationStream(training), worker->slot_range(),
                     Cursor{}, shards);
  Evaluation result;
  worker->ClearTally();
  std::unique_ptr<RankBatch> batch;
  while ((batch = stream.Next(std::move(batch))) != nullptr) {
    worker->Evaluate(*batch, values);
    const StepSums sums = worker->ReduceSums({wants_stop(), 0, 0});
    if (std::ranges::any_of(worker->notes(), [](const RankNote& n) { return n.wants_stop != 0; })) {
      return std::nullopt;
    }
    result.sums += sums;
    result.sequences += batch->begun;
  }
  if (result.sums.targets == 0) {
    throw BadData("{}: split \"{}\" has no target to evaluate on", corpus_folder, split);
  }
  result.tally = worker->ReduceTally();
  result.loss = result.sums.loss / static_cast<double>(result.sums.targets);
  result.seconds = Seconds() - start;
  return result;
}

}  // namespace lockstep
