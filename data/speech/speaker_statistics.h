// Normalises features by the mean and variance of each column, taken over all utterances of a
// speaker or over one utterance. Sums are in double and are added in the order of the manifest,
// whichever rank or thread computes them.
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

  // Adds an utterance to the sums of its speaker; only for kSpeaker.
  void Add(const std::string& speaker, const FeatureMatrix& features);
  // Adds the sums of another object.
  void Add(const SpeakerStatistics& other);

  // Normalises the features to mean 0 and variance 1, according to the kind of normalisation. For
  // kSpeaker, BadData if the speaker is empty or was never added.
  void Normalise(const std::string& speaker, FeatureMatrix& features) const;

  std::string ToText() const;
  static SpeakerStatistics FromText(const std::string& text);

 private:
  Normalisation normalise_;
  std::map<std::string, FeatureMoments> speakers_;
};

}  // namespace lockstep
