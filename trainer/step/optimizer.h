// The optimiser, which updates those parameters for which this rank is responsible. Updates are
// elementwise, so the division of the parameters between ranks and threads does not change the
// results. The definitions are those of torch.optim, so that learning rates can be carried over;
// but weight decay acts on matrices only, not on biases.
#pragma once

#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/aligned_buffer.h"
#include "trainer/step/weight_average.h"
#include "worker/params/parameter_layout.h"

namespace lockstep {

enum class OptimizerKind { kSgd, kRmsprop, kAdam, kAdamW };
std::string OptimizerName(OptimizerKind kind);
OptimizerKind OptimizerFromName(const std::string& name);

struct OptimizerOptions {
  OptimizerKind kind = OptimizerKind::kAdam;
  double momentum = 0;    // SGD: [0, 1)
  bool nesterov = false;  // SGD with momentum: Nesterov's form (Sutskever et al. 2013)
  double rho = 0.99;      // RMSProp: decay of the mean square (Tieleman & Hinton 2012)
  double beta1 = 0.9;     // Adam: decay of the first moment (Kingma & Ba 2015)
  double beta2 = 0.999;   // Adam: decay of the second moment
  double epsilon = 1e-8;  // RMSProp and Adam: added to the root in the denominator
  // An L2 term in the gradient; for AdamW a decay apart from the gradient (Loshchilov & Hutter
  // 2019).
  double weight_decay = 0;
  AverageOptions average = {};  // if it is on, the average is the last one of the moments
  // The parameters that are never updated, by patterns of names (parameter_choice.h); empty: none.
  // Their moments stay zero, weight decay leaves them alone, and their average is themselves.
  std::string freeze = "";
};

// The numbers that change from update to update.
struct UpdateRates {
  double learning_rate = 0;
  Index update = 1;           // number of this update, from 1 (for the bias correction of Adam)
  double gradient_scale = 1;  // the gradient is multiplied by this first
  double average_share = 0;   // see AverageShare
};

// The name of the moment that holds the running average of the parameters.
inline constexpr const char* kAverageMoment = "average";

class Optimizer {
 public:
  // For the elements of these ranges of the flat array. `layout` must outlive it. UsageError if
  // options.freeze names no parameter, or all.
  Optimizer(const OptimizerOptions& options, const ParameterLayout& layout,
            std::vector<ElementRange> ranges);

  // Begins an update; `rates` hold for the calls of Step that follow.
  void Begin(const UpdateRates& rates);
  // Updates `values` in the elements `part`, which must lie in ranges()[range]. `gradient` and
  // `values` are flat arrays. Several threads may update different parts at the same time.
  void Step(std::size_t range, const ElementRange& part, const float* gradient, float* values);

  struct Moment {
    // "momentum", "mean_square", "first_moment", "second_moment", kAverageMoment
    std::string name;
    AlignedBuffer<float> values;
  };
  const std::vector<ElementRange>& ranges() const { return ranges_; }
  // Each moment holds the elements of all ranges(), one range after another.
  const std::vector<Moment>& moments() const { return moments_; }
  std::span<float> MomentOf(std::size_t which, std::size_t range);
  std::span<const float> MomentOf(std::size_t which, std::size_t range) const;
  // The names of the moments that an optimiser with these options has.
  static std::vector<std::string> MomentNames(const OptimizerOptions& options);

 private:
  void StepOne(bool decays, Index count, Index at, const float* gradient, float* values);
  void Average(Index count, Index at, double share, const float* values);

  OptimizerOptions options_;
  const ParameterLayout& layout_;
  std::vector<bool> frozen_;  // by parameter
  std::vector<ElementRange> ranges_;
  std::vector<Index> first_;  // index of each range's first element in the moments
  std::vector<Moment> moments_;
  UpdateRates rates_;
  // 1 - beta^update for Adam, computed once per update.
  double first_correction_ = 1, second_correction_ = 1;
};

}  // namespace lockstep
