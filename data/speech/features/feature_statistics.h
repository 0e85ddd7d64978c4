// Mean and variance of each feature over the training split. They are kept in corpus.json, so that
// new recordings are normalised as the training data were, without any statistic of their own.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <vector>

#include "base/feature_normalisation.h"
#include "base/json_node.h"
#include "base/types.h"
#include "data/speech/features/feature_transforms.h"

namespace lockstep {

struct FeatureStatistics {
  std::vector<double> mean;      // [width]
  std::vector<double> variance;  // [width], of the population
};

// The moments must have a frame.
FeatureStatistics StatisticsOf(const FeatureMoments& moments);

// {"mean": [..], "variance": [..]}; numbers are written such that the same bits are read.
nlohmann::json StatisticsJson(const FeatureStatistics& statistics);
// BadData that names file and place if a number is not finite, a variance is negative, or there are
// not `width` of each.
FeatureStatistics StatisticsFromJson(const JsonNode& node, Index width);

// Brings rows [frames, width] to mean 0 and variance 1 by these statistics; a variance is at least
// kVarianceFloor.
void NormaliseBy(const FeatureStatistics& statistics, std::span<float> rows);

// Mean and variance of a recording of `own` frames, counted together with k = kPriorFrames frames
// that have the mean and variance of the training split (MAP estimation; Gauvain & Lee 1994):
//   n = k + frames,  mean = (k m + sum) / n,  variance = (k (v + m^2) + squares) / n - mean^2
// The shorter a recording, the less its own mean says of microphone and speaker, and the more of
// the words that happen to be in it. Adaptation grows with the length.
FeatureStatistics SmoothedStatistics(const FeatureStatistics& training, const FeatureMoments& own);

// Normalises each frame by what is known when it is heard: the statistics of the training split,
// which count as much as kPriorFrames frames, and the frames of the recording up to this one:
//   n(t) = d n(t-1) + 1,  s(t) = d s(t-1) + x(t),  q(t) = d q(t-1) + x(t)^2,  d = 1 - 1 / h
//   y(t) = (x(t) - s(t) / n(t)) / sqrt(q(t) / n(t) - (s(t) / n(t))^2)
// begun with n(-1) = kPriorFrames; h is kForgettingFrames. So the level of a microphone is learned
// in some seconds, and frames long ago are forgotten. No frame depends on a later one, and a
// recording gives the same bits in one piece or in many.
class RunningNormaliser {
 public:
  explicit RunningNormaliser(const FeatureStatistics& training);

  // Normalises the next rows [frames, width] of the recording in place.
  void Apply(std::span<float> rows);

 private:
  double frames_ = kPriorFrames;
  std::vector<double> sum_;
  std::vector<double> squares_;
};

}  // namespace lockstep
