// Between the training state spread over ranks and checkpoint files: parameters are everywhere,
// moments are with those that update them (piece_plan.h), rank 0 reads and writes.
//
// Names in a file: each parameter under its own name at the root, moments under
// optimizer/<moment>/<parameter name>, the small state as text under lockstep/state.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>

#include "checkpoint/background_writer.h"
#include "checkpoint/checkpoint_folder.h"
#include "trainer/optimizer.h"
#include "trainer/trainer_options.h"
#include "trainer/training_state.h"
#include "worker/comm/piece_plan.h"

namespace lockstep {

// Copies the parameters of a checkpoint into the flat array. BadData naming the first that is
// missing, of another shape, or not of the model.
void RestoreParameters(const CheckpointContent& content, const std::string& file,
                       const ParameterLayout& layout, std::span<float> values);

class Checkpointer {
 public:
  Checkpointer(const Communicator& comm, const ParameterLayout& layout, const std::string& folder,
               const CheckpointOptions& options);

  // Collective. Loads the newest valid checkpoint on rank 0, lets `check` (rank 0) refuse its
  // state, and hands everything out. False when there is none. An error on rank 0 is thrown on
  // every rank.
  bool Load(const std::function<void(const TrainingState&)>& check, const PiecePlan& plan,
            TrainingState* state, std::span<float> values, Optimizer* optimizer);

  // Collective. Takes a snapshot; rank 0 writes it in the background and then deletes what is no
  // longer kept.
  void Save(const TrainingState& state, const PiecePlan& plan, std::span<const float> values,
            const Optimizer& optimizer);

  // Returns when the last snapshot is on the disk; rethrows why it is not.
  void Wait() { writer_.Wait(); }

  // Bytes that saving takes at most on rank 0: the snapshot, the image, and HDF5's copy of it.
  static Index Bytes(const ParameterLayout& layout, const OptimizerOptions& optimizer);

 private:
  struct Snapshot;
  void Write(const Snapshot& snapshot);
  void HandOut(const PiecePlan& plan, const float* all, std::size_t moment,
               Optimizer* optimizer) const;
  void Collect(const PiecePlan& plan, const Optimizer& optimizer, std::size_t moment,
               float* all) const;

  const Communicator& comm_;
  const ParameterLayout& layout_;
  std::string folder_;
  CheckpointOptions options_;
  BackgroundWriter writer_;  // last, so that it ends before what it uses
};

}  // namespace lockstep
