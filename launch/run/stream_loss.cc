#include "launch/run/stream_loss.h"

#include <memory>
#include <optional>

#include "base/phase_timer.h"
#include "base/work_progress.h"
#include "launch/run/stream_parts.h"
#include "worker/comm/together.h"

namespace lockstep {
namespace {

StreamOptions InOnePiece(const TrainedModel& trained) {
  StreamOptions options = EvaluationStream(trained.stream);
  options.plan.slots = 1;
  options.streams = 1;
  options.part_steps = StepsAtOnce(*trained.model);
  return options;
}

}  // namespace

Evaluation EvaluateStream(const Communicator& comm, const SplitTest& test) {
  const double start = Seconds();
  const SplitInfo& split = test.corpus->Split(test.split);
  std::optional<BatchStream> stream;
  Together(comm, [&] {
    if (comm.rank() != 0) return;
    stream.emplace(test.folder, *test.corpus, test.split, InOnePiece(*test.trained),
                   SlotRange{0, 1}, Cursor{});
  });
  Evaluation result;
  std::unique_ptr<RankBatch> part;
  WorkProgress progress("evaluate");
  StreamJob job;
  job.next = [&]() -> const SlotBatch* {
    part = stream->Next(std::move(part));
    return part == nullptr ? nullptr : part->slots.data();
  };
  job.use = [&](const StepSums& sums) {
    result.sums += sums;
    const Index done = result.sums.targets;
    progress.Tell(static_cast<double>(done) / static_cast<double>(split.steps), [&] {
      return fmt::format("{} of {} {}", done, split.steps, test.corpus->schema.unit);
    });
  };
  EvaluateParts(comm, *test.trained, test.threads, job);
  if (comm.rank() == 0) {
    result.sequences = 1;
    result.loss = result.sums.loss / static_cast<double>(result.sums.targets);
  }
  result.seconds = Seconds() - start;
  return result;
}

}  // namespace lockstep
