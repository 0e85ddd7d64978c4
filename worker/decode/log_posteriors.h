// The input of CTC decoders: the logits of one sequence, read as logarithms of posterior
// probabilities. Logarithms of probabilities may be given instead of logits, because normalising
// them again changes nothing.
#pragma once

#include <span>
#include <vector>

#include "base/types.h"

namespace lockstep {

// The class that stands for "no label" (Graves et al. 2006).
inline constexpr Index kCtcBlank = 0;

class LogPosteriors {
 public:
  // logits  [T, C] row-major; must outlive this object. C >= 2: the blank and a label.
  // BadData that names the frame if a frame holds NaN, +infinity or only -infinity. A class with
  // -infinity is impossible in that frame, which is allowed.
  LogPosteriors(std::span<const float> logits, Index classes);

  Index frames() const { return static_cast<Index>(log_sums_.size()); }
  Index classes() const { return classes_; }

  // The natural logarithm of p(class | frame); at most 0, apart from rounding.
  double At(Index frame, Index label) const {
    return static_cast<double>(logits_[static_cast<std::size_t>(frame * classes_ + label)]) -
           log_sums_[static_cast<std::size_t>(frame)];
  }
  // The likeliest class of a frame; the lowest one if several are equally likely.
  Index Best(Index frame) const;

 private:
  std::span<const float> Frame(Index frame) const {
    return logits_.subspan(static_cast<std::size_t>(frame * classes_),
                           static_cast<std::size_t>(classes_));
  }

  std::span<const float> logits_;
  Index classes_;
  std::vector<double> log_sums_;  // log of the sum of exp over the classes of each frame
};

// log(exp(a) + exp(b)); -infinity stands for 0.
double LogAdd(double a, double b);

}  // namespace lockstep
