#include "data/speech/features/feature_statistics.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "base/error.h"

namespace lockstep {
namespace {

std::vector<double> Numbers(const JsonNode& node, Index width, double least) {
  std::vector<double> numbers;
  for (const JsonNode& item : node.Items()) {
    const double number = item.Real();
    if (!std::isfinite(number) || number < least) {
      item.Fail(fmt::format("is {}, allowed are finite numbers from {}", number, least));
    }
    numbers.push_back(number);
  }
  if (std::ssize(numbers) != width) {
    node.Fail(fmt::format("has {} numbers, but a frame has {} features", numbers.size(), width));
  }
  return numbers;
}

}  // namespace

FeatureStatistics StatisticsOf(const FeatureMoments& moments) {
  LOCKSTEP_CHECK(moments.frames > 0);
  const auto frames = static_cast<double>(moments.frames);
  FeatureStatistics statistics;
  for (std::size_t i = 0; i < moments.sum.size(); ++i) {
    const double mean = moments.sum[i] / frames;
    statistics.mean.push_back(mean);
    statistics.variance.push_back(std::max(0.0, moments.squares[i] / frames - mean * mean));
  }
  return statistics;
}

nlohmann::json StatisticsJson(const FeatureStatistics& statistics) {
  return {{"mean", statistics.mean}, {"variance", statistics.variance}};
}

FeatureStatistics StatisticsFromJson(const JsonNode& node, Index width) {
  constexpr double kLargest = std::numeric_limits<double>::max();
  return {Numbers(node.At("mean"), width, -kLargest), Numbers(node.At("variance"), width, 0)};
}

void NormaliseBy(const FeatureStatistics& statistics, std::span<float> rows) {
  const std::size_t width = statistics.mean.size();
  LOCKSTEP_CHECK(width > 0);
  LOCKSTEP_CHECK_EQ(rows.size() % width, 0u);
  for (std::size_t i = 0; i < width; ++i) {
    const double mean = statistics.mean[i];
    const double scale = 1 / std::sqrt(std::max(statistics.variance[i], kVarianceFloor));
    for (std::size_t at = i; at < rows.size(); at += width) {
      rows[at] = static_cast<float>((rows[at] - mean) * scale);
    }
  }
}

FeatureStatistics SmoothedStatistics(const FeatureStatistics& training, const FeatureMoments& own) {
  LOCKSTEP_CHECK_EQ(training.mean.size(), own.sum.size());
  const double frames = kPriorFrames + static_cast<double>(own.frames);
  FeatureStatistics smoothed;
  for (std::size_t i = 0; i < own.sum.size(); ++i) {
    const double m = training.mean[i], square = training.variance[i] + m * m;
    const double mean = (kPriorFrames * m + own.sum[i]) / frames;
    const double squares = (kPriorFrames * square + own.squares[i]) / frames;
    smoothed.mean.push_back(mean);
    smoothed.variance.push_back(std::max(0.0, squares - mean * mean));
  }
  return smoothed;
}

RunningNormaliser::RunningNormaliser(const FeatureStatistics& training) {
  for (std::size_t i = 0; i < training.mean.size(); ++i) {
    const double mean = training.mean[i];
    sum_.push_back(kPriorFrames * mean);
    squares_.push_back(kPriorFrames * (training.variance[i] + mean * mean));
  }
}

void RunningNormaliser::Apply(std::span<float> rows) {
  const std::size_t width = sum_.size();
  LOCKSTEP_CHECK(width > 0);
  LOCKSTEP_CHECK_EQ(rows.size() % width, 0u);
  constexpr double kDecay = 1 - 1 / kForgettingFrames;
  for (std::size_t at = 0; at < rows.size(); at += width) {
    frames_ = kDecay * frames_ + 1;
    for (std::size_t i = 0; i < width; ++i) {
      const double value = rows[at + i];
      sum_[i] = kDecay * sum_[i] + value;
      squares_[i] = kDecay * squares_[i] + value * value;
      const double mean = sum_[i] / frames_;
      const double variance = std::max(squares_[i] / frames_ - mean * mean, kVarianceFloor);
      rows[at + i] = static_cast<float>((value - mean) / std::sqrt(variance));
    }
  }
}

}  // namespace lockstep
