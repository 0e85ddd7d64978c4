// A small model in training, for measuring: each turn is one whole step, from the batch in memory
// to the updated parameters (features, forward, loss, backward, sums over slots, norm, clip, Adam).
#pragma once

#include <vector>

#include "tests/support/small_model.h"
#include "trainer/step/train_step.h"

namespace lockstep {

class TrainingTurns {
 public:
  // `slots` is the number of slots of all ranks; every slot of `batch`, which must outlive this,
  // has the same layout. Runs some turns that are not counted: the first ones teach the program how
  // often to check memory.
  TrainingTurns(const Communicator& comm, const SmallModelOptions& options, const RankBatch& batch,
                Index slots);

  void Turn();
  // Processor seconds of the median turn, and GFLOP/s in it.
  double MedianSeconds() const;
  double Speed() const;
  // Share of the main thread's time in all turns.
  double Share(Phase phase) const;
  // Bytes of workspaces and gradient buffers.
  Index WorkerBytes() { return step_.worker().bytes(); }
  Index parameters() const { return model_.layout().count(); }

 private:
  const RankBatch& batch_;
  SmallEncoderModel<float> model_;
  AlignedBuffer<float> values_;
  TrainStep step_;
  PhaseProfile profile_;
  std::vector<double> seconds_;
  Index done_ = 0;
};

}  // namespace lockstep
