#include "data/arrays/column_scaling.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"

namespace lockstep {
namespace {

constexpr const char* kRuleNames[] = {"none", "standard", "range"};

}  // namespace

const char* ScalingRuleName(ScalingRule rule) { return kRuleNames[static_cast<std::size_t>(rule)]; }

ScalingRule ParseScalingRule(const std::string& word, const char* option) {
  for (const ScalingRule rule : {ScalingRule::kNone, ScalingRule::kStandard, ScalingRule::kRange}) {
    if (word == ScalingRuleName(rule)) return rule;
  }
  throw UsageError("{} is \"{}\"; allowed are none, standard and range", option, word);
}

void ColumnMoments::Add(double value) {
  if (std::isnan(value)) return;
  least_ = count_ == 0 ? value : std::min(least_, value);
  largest_ = count_ == 0 ? value : std::max(largest_, value);
  ++count_;
  const double before = value - mean_;
  mean_ += before / static_cast<double>(count_);
  squares_ += before * (value - mean_);
}

double ColumnMoments::standard_deviation() const {
  return count_ == 0 ? 0 : std::sqrt(squares_ / static_cast<double>(count_));
}

void AddRows(std::span<const double> values, std::span<ColumnMoments> columns) {
  for (std::size_t i = 0; i < values.size(); ++i) columns[i % columns.size()].Add(values[i]);
}

ColumnScale ScaleOf(const std::string& name, const ColumnMoments& moments, ScalingRule rule) {
  // The mean of equal values may be off by a rounding; theirs is exact.
  ColumnScale scale{.name = name, .mean = moments.is_constant() ? moments.least() : moments.mean()};
  if (rule == ScalingRule::kNone) return scale;
  const bool standard = rule == ScalingRule::kStandard;
  scale.offset = standard ? scale.mean : moments.least();
  const double width =
      standard ? moments.standard_deviation() : moments.largest() - moments.least();
  // What is constant stays 0, and a spread that no double holds is left alone.
  if (!moments.is_constant() && width > 0 && std::isfinite(width)) scale.scale = width;
  return scale;
}

}  // namespace lockstep
