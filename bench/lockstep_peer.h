// Lockstep's own layers as one of the peers: a stack of RecurrentLayer, forward and backward.
#pragma once

#include <vector>

#include "base/workspace.h"
#include "bench/layer_problem.h"

namespace lockstep {

class LockstepPeer {
 public:
  // The problem must outlive the peer.
  explicit LockstepPeer(const LayerProblem& problem);

  // One training step without loss and update: sets the gradient to zero, forward, backward.
  void Step();
  // Of the last step; valid until the next one.
  StepResult Result();

 private:
  void Forward();
  void Backward();

  const LayerProblem& problem_;
  std::vector<AlignedBuffer<float>> y_;    // [T*B, D*H] a layer
  std::vector<AlignedBuffer<float>> d_x_;  // [T*B, I] a layer
  std::vector<RecurrentLayer<float>::Saved> saved_;
  AlignedBuffer<float> gradient_;
  Workspace workspace_;
};

}  // namespace lockstep
