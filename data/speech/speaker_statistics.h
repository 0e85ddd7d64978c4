// Normalises features by the mean and variance of each column: of one utterance, of all utterances
// of a speaker, of the training split, or of an utterance and the training split together. Sums are
// in double and are added in the order of the manifest, whichever rank or thread computes them.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "base/types.h"
#include "data/speech/features/feature_matrix.h"
#include "data/speech/features/feature_transforms.h"
#include "data/speech/speech_options.h"

namespace lockstep {

class SpeakerStatistics {
 public:
  // Where NeedsTraining, sound.training is used if it is set.
  explicit SpeakerStatistics(const SoundOptions& sound)
      : normalise_(sound.normalise), training_(sound.training) {}

  // Adds an utterance to the sums of its speaker, or, where NeedsTraining, of the training split,
  // to which it must belong.
  void Add(const std::string& speaker, const FeatureMatrix& features);
  // Where NeedsTraining: computes the statistics of all that was added. BadData if nothing was.
  void FinishTraining();
  const std::optional<FeatureStatistics>& training() const { return training_; }

  // Normalises the features to mean 0 and variance 1, according to the kind of normalisation. For
  // kSpeaker, BadData if the speaker is empty or was never added.
  void Normalise(const std::string& speaker, FeatureMatrix& features) const;

  // The sums only.
  std::string ToText() const;
  // Adds the sums of such a text. BadData if they are not of the width of those before; also the
  // exceptions of nlohmann::json.
  void AddText(const std::string& text);

 private:
  Normalisation normalise_;
  std::optional<FeatureStatistics> training_;
  std::map<std::string, FeatureMoments> speakers_;  // one entry, "", if NeedsTraining
};

// Normalises a recording that belongs to no corpus: by its own statistics, for kUtterance and
// kSpeaker, or as sound.training says.
void NormaliseRecording(const SoundOptions& sound, FeatureMatrix& features);

}  // namespace lockstep
