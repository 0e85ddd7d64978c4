// The peer that runs Lockstep's own layers: a stack of RecurrentLayer, forward and backward.
#pragma once

#include <vector>

#include "base/workspace.h"
#include "bench/layer_problem.h"

namespace lockstep {

class LockstepPeer {
 public:
  // The problem must outlive the peer.
  explicit LockstepPeer(const LayerProblem& problem);

  // Runs one training step without loss and update: sets the gradient to zero, forward, backward.
  void Step();
  // The results of the last step; valid until the next one.
  StepResult Result();

 private:
  void Forward();
  void Backward();

  const LayerProblem& problem_;
  std::vector<AlignedBuffer<float>> y_;    // by layer, [T*B, D*H]
  std::vector<AlignedBuffer<float>> d_x_;  // by layer, [T*B, I]
  std::vector<RecurrentLayer<float>::Saved> saved_;
  AlignedBuffer<float> gradient_;
  Workspace workspace_;
};

}  // namespace lockstep
