// What CTC decoders read: the logits of one sequence as logarithms of posterior probabilities.
// Logarithms of probabilities may come in place of logits: normalising them again changes nothing.
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
  // BadData naming the frame when one holds NaN or +infinity or nothing but -infinity; single
  // -infinities are allowed and mean "impossible".
  LogPosteriors(std::span<const float> logits, Index classes);

  Index frames() const { return static_cast<Index>(log_sums_.size()); }
  Index classes() const { return classes_; }

  // log p(class | frame), natural, at most 0 but for rounding.
  double At(Index frame, Index label) const {
    return static_cast<double>(logits_[static_cast<std::size_t>(frame * classes_ + label)]) -
           log_sums_[static_cast<std::size_t>(frame)];
  }
  // The likeliest class of a frame; the lowest of equals.
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
