// Counts how often each class is the true one, is predicted, and is both: all that precision,
// recall and F1 need. For V classes that is 3 V numbers, where a confusion matrix has V^2.
#pragma once

#include <span>
#include <vector>

#include "base/types.h"

namespace lockstep {

class ClassTally {
 public:
  // With 0 classes it counts nothing, and Add must not be called.
  explicit ClassTally(Index classes = 0) : counts_(static_cast<std::size_t>(3 * classes)) {}

  Index classes() const { return static_cast<Index>(counts_.size()) / 3; }
  // Counts a sequence or step of class `truth` that the model took for class `found`, `times`
  // times. Both must be in [0, classes()).
  void Add(Index truth, Index found, Index times = 1) {
    At(truth, kTruths) += times;
    At(found, kFounds) += times;
    if (truth == found) At(truth, kRight) += times;
  }
  // Counts one label of a set of labels: whether it is true, and whether the model found it.
  void AddLabel(Index label, bool is_true, bool is_found) {
    At(label, kTruths) += is_true ? 1 : 0;
    At(label, kFounds) += is_found ? 1 : 0;
    At(label, kRight) += is_true && is_found ? 1 : 0;
  }
  // `other` must have the same classes.
  void Add(const ClassTally& other);
  void Clear();
  // [classes, 3]; for adding over ranks.
  std::span<Index> counts() { return counts_; }

  Index right(Index of_class) const { return Count(of_class, kRight); }
  Index truths(Index of_class) const { return Count(of_class, kTruths); }
  Index founds(Index of_class) const { return Count(of_class, kFounds); }

  // right / founds and right / truths; 0 where the divisor is 0.
  double Precision(Index of_class) const;
  double Recall(Index of_class) const;
  // 2 right / (truths + founds), the harmonic mean of precision and recall; 0 if the class neither
  // occurs nor is predicted.
  double F1(Index of_class) const;
  // The mean of F1 over the classes that occur (truths > 0), added in the order of their ids; 0 if
  // none does.
  double MacroF1() const;

  bool operator==(const ClassTally&) const = default;

 private:
  enum Which { kTruths, kFounds, kRight };
  static std::size_t Place(Index of_class, Which which) {
    return static_cast<std::size_t>(3 * of_class + which);
  }
  Index& At(Index of_class, Which which) { return counts_[Place(of_class, which)]; }
  Index Count(Index of_class, Which which) const { return counts_[Place(of_class, which)]; }

  std::vector<Index> counts_;
};

}  // namespace lockstep
