// Optimiser steps on the parts of the parameters that this rank updates. Each is elementwise, so
// how the parameters are divided between ranks and threads cannot matter. Definitions as in
// torch.optim, so that rates and results carry over; weight decay acts on matrices only, not on
// biases.
#pragma once

#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/aligned_buffer.h"
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

// What a step is taken with.
struct UpdateRates {
  double learning_rate = 0;
  Index update = 1;           // counts applied updates from 1 (bias correction of Adam)
  double gradient_scale = 1;  // the gradient is multiplied by it
};

class Optimizer {
 public:
  // For these ranges of the flat array.
  Optimizer(const OptimizerOptions& options, const ParameterLayout& layout,
            std::vector<ElementRange> ranges);

  // What the next Steps are taken with.
  void Begin(const UpdateRates& rates);
  // values -= f(gradient * scale) for `part`, which lies in ranges[range]; `gradient` and `values`
  // are flat arrays. Several threads may do different parts.
  void Step(std::size_t range, const ElementRange& part, const float* gradient, float* values);

  struct Moment {
    std::string name;  // "momentum", "mean_square", "first_moment", "second_moment"
    AlignedBuffer<float> values;
  };
  const std::vector<ElementRange>& ranges() const { return ranges_; }
  // Each holds the ranges one after another.
  const std::vector<Moment>& moments() const { return moments_; }
  std::span<float> MomentOf(std::size_t which, std::size_t range);
  std::span<const float> MomentOf(std::size_t which, std::size_t range) const;
  // Names of the moments that an optimiser of these options has.
  static std::vector<std::string> MomentNames(const OptimizerOptions& options);

 private:
  void StepOne(bool decays, Index count, Index at, const float* gradient, float* values);

  OptimizerOptions options_;
  const ParameterLayout& layout_;
  std::vector<ElementRange> ranges_;
  std::vector<Index> first_;  // of each range, in the moments
  std::vector<Moment> moments_;
  UpdateRates rates_;
  // 1 - beta^update, of Adam: worked out once a step, not once a block.
  double first_correction_ = 1, second_correction_ = 1;
};

}  // namespace lockstep
