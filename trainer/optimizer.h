// Optimiser steps on the segment of the parameters that this rank owns. Each is elementwise, so how
// the parameters are divided between ranks and threads cannot matter. Definitions as in
// torch.optim, so that rates and results carry over; weight decay acts on matrices only, not on
// biases.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/aligned_buffer.h"
#include "base/thread_team.h"
#include "worker/params/parameter_layout.h"

namespace lockstep {

enum class OptimizerKind { kSgd, kRmsprop, kAdam, kAdamW };
std::string OptimizerName(OptimizerKind kind);
OptimizerKind OptimizerFromName(const std::string& name);

struct OptimizerOptions {
  OptimizerKind kind = OptimizerKind::kAdam;
  double momentum = 0;    // SGD, [0, 1)
  bool nesterov = false;  // SGD with momentum (Sutskever et al. 2013)
  double rho = 0.99;      // RMSProp: decay of the mean square (Tieleman & Hinton 2012)
  double beta1 = 0.9;     // Adam (Kingma & Ba 2015)
  double beta2 = 0.999;
  double epsilon = 1e-8;
  double weight_decay =
      0;  // L2 term for all but AdamW (Loshchilov & Hutter 2019), which decays apart
};

class Optimizer {
 public:
  // For elements [begin, begin + count) of the flat array.
  Optimizer(const OptimizerOptions& options, const ParameterLayout& layout, Index begin,
            Index count);

  // values -= f(gradient * gradient_scale), both [count] of this segment. `update` counts applied
  // updates from 1 (bias correction of Adam).
  void Step(double learning_rate, Index update, double gradient_scale, const float* gradient,
            float* values, ThreadTeam* team);

  struct Moment {
    std::string name;  // "momentum", "mean_square", "first_moment", "second_moment"
    AlignedBuffer<float> values;
  };
  std::vector<Moment>& moments() { return moments_; }
  const std::vector<Moment>& moments() const { return moments_; }
  // Names of the moments that an optimiser of these options has.
  static std::vector<std::string> MomentNames(const OptimizerOptions& options);

 private:
  OptimizerOptions options_;
  const ParameterLayout& layout_;
  Index begin_;
  Index count_;
  std::vector<Moment> moments_;
};

}  // namespace lockstep
