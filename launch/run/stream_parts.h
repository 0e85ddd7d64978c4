// The losses of a stream of symbols under a trained model, part by part: what evaluate and
// predict --score share. Each step of the layers needs the step before, so rank 0 computes them
// alone; the outputs of all classes and their losses, most of the work where there are many
// classes, are divided by parts between the threads of all ranks (ordered_work.h):
//
//   rank 0    next() -> layers of part 7 -- features --> a rank with room: outputs, losses
//             use(5) <- sums of parts 5 and 6 wait for their turn <-- any rank
//
// A part is computed as by Model::Evaluate, and parts are used in their order, so the bits depend
// neither on ranks nor on threads. Memory does not grow with the stream.
#pragma once

#include <functional>

#include "launch/run/trained_model.h"
#include "worker/comm/communicator.h"
#include "worker/losses/step_sums.h"

namespace lockstep {

struct StreamJob {
  // Rank 0, main thread. The next part: a slot of one sequence, of at most StepsAtOnce steps, whose
  // states go on from the part before; valid until the next call. Null at the end.
  std::function<const SlotBatch*()> next;
  // Rank 0, main thread. Takes the sums of each part, the first part first.
  std::function<void(const StepSums& sums)> use;
};

// Collective. Does the job from a state of zero, with `threads` threads on each rank besides the
// main thread. An error is thrown alike on all ranks, as by WorkInOrder.
void EvaluateParts(const Communicator& comm, const TrainedModel& trained, int threads,
                   const StreamJob& job);

// The most steps that are computed together in one call of a model: so many that weights are packed
// rarely, so few that the scores of all classes of all steps take at most 16 MiB.
Index StepsAtOnce(const Model<float>& model);

}  // namespace lockstep
