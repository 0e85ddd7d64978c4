// Mean and variance of each column of features, over the utterances of a speaker or over one.
// Sums are in double and added in the order of the manifest, whoever computes them.
#pragma once

#include <map>
#include <string>

#include "base/types.h"
#include "data/speech/features/feature_matrix.h"
#include "data/speech/features/feature_transforms.h"
#include "data/speech/speech_options.h"

namespace lockstep {

class SpeakerStatistics {
 public:
  explicit SpeakerStatistics(Normalisation normalise) : normalise_(normalise) {}

  // Counts an utterance in; only for kSpeaker.
  void Add(const std::string& speaker, const FeatureMatrix& features);
  // Counts in what another object has counted.
  void Add(const SpeakerStatistics& other);

  // Brings the features to mean 0 and variance 1 as the kind of normalisation says. BadData when
  // the speaker is empty or was never counted (kSpeaker).
  void Normalise(const std::string& speaker, FeatureMatrix& features) const;

  std::string ToText() const;
  static SpeakerStatistics FromText(const std::string& text);

 private:
  Normalisation normalise_;
  std::map<std::string, FeatureMoments> speakers_;
};

}  // namespace lockstep
