// Why a run diverges, and the remedy: whether gradients explode, which samples have none that is
// finite, and whether one of them, or the parameters, are to blame. Rank 0 tells of an explosion
// when it begins; what is left is asked for when the run ends.
#pragma once

#include <string>
#include <vector>

#include "data/corpus/shard_format.h"
#include "trainer/step/gradient_clip.h"
#include "trainer/step/train_step.h"
#include "trainer/watch/explosion_watch.h"
#include "trainer/watch/skipped_samples.h"
#include "worker/comm/communicator.h"

namespace lockstep {

class DivergenceWatch {
 public:
  // `split` is what the run trains on. `comm`, `hosts` (the host of each rank, on rank 0) and
  // `split` must outlive it.
  DivergenceWatch(const Communicator& comm, const std::vector<std::string>& hosts,
                  const std::string& corpus_folder, const SplitInfo& split, const ClipOptions& clip,
                  double untrained_loss);

  // Step number `step` updated the parameters. The same on every rank; rank 0 warns of an explosion
  // that begins.
  void ObserveUpdate(Index step, const StepResult& result);
  // Collective. Step number `step`, with these `values`, was skipped: finds the samples that are
  // the reason, unless the parameters are.
  void ObserveSkipped(Index step, const RankBatch& batch, const StepResult& result,
                      const float* values, Worker* worker);

  // An update has made parameters that are not finite: no later step can be taken.
  bool parameters_lost() const { return !not_finite_.empty(); }
  // The samples of the last step that was skipped; on rank 0.
  const SkippedSamples& skipped_samples() const { return skipped_samples_; }
  // Why the run diverged at `step`, the last of `skipped_in_a_row` ones, with the remedy; on
  // rank 0.
  std::string Why(Index step, Index skipped_in_a_row) const;

 private:
  std::string Remedy(const Explosion& explosion) const;

  const Communicator& comm_;
  const std::vector<std::string>& hosts_;
  const std::string corpus_folder_;
  const SplitInfo& split_;
  const ClipOptions clip_;
  ExplosionWatch explosions_;
  bool all_lost_ = false;           // no one sample explains the last skipped step; on rank 0
  SkippedSamples skipped_samples_;  // of the last step that was skipped; on rank 0
  std::string not_finite_;          // what an update made so
};

}  // namespace lockstep
