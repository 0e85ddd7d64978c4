#include "bench/lockstep_peer.h"

#include <algorithm>

namespace lockstep {
namespace {

Index WorkspaceBytes(const LayerProblem& problem) {
  const LayerCase& c = problem.shape;
  const SlotBounds bounds{.sequences = c.sequences, .steps = c.steps, .rows = c.rows()};
  Index kept = 0, scratch = 0;
  for (const RecurrentLayer<float>& layer : problem.stack) {
    kept += layer.KeptBytes(bounds);
    scratch = std::max(scratch, layer.ScratchBytes(bounds));
  }
  return kept + scratch;
}

}  // namespace

LockstepPeer::LockstepPeer(const LayerProblem& problem)
    : problem_(problem),
      saved_(problem.stack.size()),
      gradient_(problem.layout.size()),
      workspace_(WorkspaceBytes(problem)) {
  const LayerCase& c = problem.shape;
  for (Index k = 0; k < c.layers; ++k) {
    y_.emplace_back(c.rows() * c.output_size());
    d_x_.emplace_back(c.rows() * c.InputSizeOf(k));
  }
}

void LockstepPeer::Step() {
  std::ranges::fill(gradient_.span(), 0.0f);
  workspace_.Rewind(0);
  Forward();
  Backward();
}

void LockstepPeer::Forward() {
  const float* x = problem_.x.data();
  for (std::size_t k = 0; k < y_.size(); ++k) {
    saved_[k] = problem_.stack[k].Forward(problem_.batch, problem_.values.data(), x, y_[k].data(),
                                          &workspace_);
    x = y_[k].data();
  }
}

void LockstepPeer::Backward() {
  const float* d_y = problem_.d_y.data();
  for (std::size_t k = y_.size(); k-- > 0;) {
    problem_.stack[k].Backward(problem_.batch, problem_.values.data(), saved_[k], d_y,
                               d_x_[k].data(), gradient_.data(), &workspace_);
    d_y = d_x_[k].data();
  }
}

StepResult LockstepPeer::Result() {
  return {.y = y_.back().span(), .d_x = d_x_.front().span(), .gradient = gradient_.span()};
}

}  // namespace lockstep
