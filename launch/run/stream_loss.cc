#include "launch/run/stream_loss.h"

#include <algorithm>
#include <memory>

#include "base/error.h"
#include "base/phase_timer.h"
#include "base/work_progress.h"
#include "data/stream/stream_bounds.h"
#include "worker/carried_state.h"
#include "worker/comm/together.h"
#include "worker/heartbeat.h"

namespace lockstep {
namespace {

StreamOptions InOnePiece(const TrainedModel& trained) {
  StreamOptions options = EvaluationStream(trained.stream);
  options.plan.slots = 1;
  options.streams = 1;
  options.part_steps = StepsAtOnce(*trained.model);
  return options;
}

void AddTo(const StepSums& sums, StepSums* total) {
  total->loss += sums.loss;
  total->targets += sums.targets;
  for (std::size_t i = 0; i < sums.counts.size(); ++i) total->counts[i] += sums.counts[i];
}

StepSums SumsOfStream(const SplitTest& test) {
  const TrainedModel& trained = *test.trained;
  const SplitInfo& split = test.corpus->Split(test.split);
  const StreamOptions options = InOnePiece(trained);
  BatchStream stream(test.folder, *test.corpus, test.split, options, {0, 1}, Cursor{});
  Workspace workspace(trained.model->WorkspaceBytes(BoundsOf(*test.corpus, split, options)));
  CarriedState carried(trained.model->carried(), 1, 1);
  Heartbeat heartbeat;
  WorkProgress progress("evaluate");
  StepSums total;
  std::unique_ptr<RankBatch> part;
  while ((part = stream.Next(std::move(part))) != nullptr) {
    carried.BeginPart(part->cursor.part == 0);
    AddTo(trained.model->Evaluate(part->slots[0], trained.values.data(), &workspace, &heartbeat,
                                  carried.Begin(0)),
          &total);
    progress.Tell(static_cast<double>(total.targets) / static_cast<double>(split.steps), [&] {
      return fmt::format("{} of {} {}", total.targets, split.steps, test.corpus->schema.unit);
    });
  }
  return total;
}

}  // namespace

Index StepsAtOnce(const Model<float>& model) {
  constexpr Index kMostScores = Index{1} << 22, kLeast = 16, kMost = 1024;
  return std::clamp(kMostScores / std::max<Index>(1, model.score_width()), kLeast, kMost);
}

Evaluation EvaluateStream(const Communicator& comm, const SplitTest& test) {
  const double start = Seconds();
  Evaluation result;
  Together(comm, [&] {
    if (comm.rank() != 0) return;
    result.sums = SumsOfStream(test);
    result.sequences = 1;
    result.loss = result.sums.loss / static_cast<double>(result.sums.targets);
  });
  result.seconds = Seconds() - start;
  return result;
}

}  // namespace lockstep
