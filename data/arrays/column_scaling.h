// Brings columns to a common scale by the statistics of the training split: (value - offset) /
// scale.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/types.h"

namespace lockstep {

enum class ScalingRule {
  kNone,
  kStandard,  // offset: mean; scale: standard deviation
  kRange,     // offset: least value; scale: largest less least value, so that all lie in 0 .. 1
};
const char* ScalingRuleName(ScalingRule rule);
// UsageError that names `option` for a word that is no rule.
ScalingRule ParseScalingRule(const std::string& word, const char* option);

// Count, mean, variance and range of a column, in one pass (Welford 1962) in double, in the order
// of the values: the same files give the same bits.
class ColumnMoments {
 public:
  // A NaN is missing, and not counted.
  void Add(double value);

  Index count() const { return count_; }
  double mean() const { return mean_; }
  // Mean and deviation of all values together, the sum of squares divided by their number; 0
  // without a value.
  double standard_deviation() const;
  double least() const { return least_; }
  double largest() const { return largest_; }
  // Whether all values are one, so that a model learns nothing from them.
  bool is_constant() const { return count_ > 0 && least_ == largest_; }

 private:
  Index count_ = 0;
  double mean_ = 0;
  double squares_ = 0;  // sum of (value - mean)^2
  double least_ = 0, largest_ = 0;
};

// Adds the values of [rows, columns] to the moments of their columns.
void AddRows(std::span<const double> values, std::span<ColumnMoments> columns);

struct ColumnScale {
  std::string name = {};
  double mean = 0;  // in the user's units; stands for a missing value
  double offset = 0;
  double scale = 1;            // never 0: that of a constant column is 1
  bool has_indicator = false;  // a further input says whether the value was missing
  double Scaled(double value) const { return (value - offset) / scale; }
  double Unscaled(double scaled) const { return scaled * scale + offset; }
  bool operator==(const ColumnScale&) const = default;
};
ColumnScale ScaleOf(const std::string& name, const ColumnMoments& moments, ScalingRule rule);

}  // namespace lockstep
