// A small model in training, for measuring: each turn is one whole step, from the batch in memory
// to the updated parameters (features, forward, loss, backward, sums over slots, norm, clip,
// update).
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "bench/core_speed.h"
#include "tests/support/small_model.h"
#include "trainer/step/train_step.h"

namespace lockstep {

struct TurnOptions {
  OptimizerOptions optimizer;
  ClipOptions clip;
  double learning_rate = 1e-4;
  bool carries = false;  // batches are parts of sequences, by their cursor (WorkerOptions::carries)
  bool measures_core = true;  // before and after each turn; it takes a millisecond
};

class TrainingTurns {
 public:
  // Any model; `workers` gives the slots of all ranks and bounds of every batch.
  TrainingTurns(const Communicator& comm, std::unique_ptr<Model<float>> model,
                const WorkerOptions& workers, const TurnOptions& options);
  // `slots` is the number of slots of all ranks; every slot of the batches has the layout that the
  // slots of `batch` have.
  TrainingTurns(const Communicator& comm, const SmallModelOptions& model, const RankBatch& batch,
                Index slots, const TurnOptions& options = {});
  // Collective. Waits for the parameters of the last step, which otherwise travel until the next
  // one: they must not arrive in freed memory, nor be taken for those of the next TrainingTurns.
  ~TrainingTurns() { step_.FinishValues(); }
  TrainingTurns(const TrainingTurns&) = delete;
  TrainingTurns& operator=(const TrainingTurns&) = delete;

  // Runs some turns that are not counted: the first ones teach the program how often to check
  // memory.
  void WarmUp(const RankBatch& batch);
  // Runs one turn and returns its loss per target.
  double Turn(const RankBatch& batch);
  // Collective. Runs forward and the loss alone, as a validation does.
  void Evaluate(const RankBatch& batch);
  // Processor seconds of the median turn, and GFLOP/s in it, of the turns that had the core for
  // themselves (core_speed.h).
  double MedianSeconds() const;
  double Speed() const;
  // "92 % of 179 GFLOP/s between registers, 6 of 7 turns alone on the core"
  std::string ShareText() const;
  // Share of the main thread's time in all turns.
  double Share(Phase phase) const;
  // Bytes of workspaces and gradient buffers.
  Index WorkerBytes() { return step_.worker().bytes(); }
  const ParameterLayout& layout() const { return model_->layout(); }
  std::span<const float> values() const { return values_.span(); }

 private:
  TurnOptions options_;
  std::unique_ptr<Model<float>> model_;
  AlignedBuffer<float> values_;
  TrainStep step_;
  PhaseProfile profile_;
  std::vector<MeasuredTurn> turns_;
  double flops_ = 0;  // of the last turn
  Index done_ = 0;
};

}  // namespace lockstep
