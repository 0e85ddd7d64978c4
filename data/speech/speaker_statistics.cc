#include "data/speech/speaker_statistics.h"

#include <nlohmann/json.hpp>

#include "base/characters.h"
#include "base/error.h"
#include "base/json_number.h"
#include "base/json_text.h"

namespace lockstep {
namespace {

FeatureMoments MomentsOf(const FeatureMatrix& features) {
  FeatureMoments moments(features.columns);
  moments.Add(features.values);
  return moments;
}

void NormaliseByItself(FeatureMatrix& features) {
  Normalise(MomentsOf(features), true, features.values);
}

void NormaliseByTraining(Normalisation normalise, const std::optional<FeatureStatistics>& training,
                         FeatureMatrix& features) {
  LOCKSTEP_CHECK(training.has_value());
  if (normalise == Normalisation::kGlobal) return NormaliseBy(*training, features.values);
  if (normalise == Normalisation::kRunning) {
    return RunningNormaliser(*training).Apply(features.values);
  }
  NormaliseBy(SmoothedStatistics(*training, MomentsOf(features)), features.values);
}

}  // namespace

void SpeakerStatistics::Add(const std::string& speaker, const FeatureMatrix& features) {
  const std::string key = NeedsTraining(normalise_) ? "" : speaker;
  speakers_.try_emplace(key, features.columns).first->second.Add(features.values);
}

void SpeakerStatistics::FinishTraining() {
  if (speakers_.empty()) {
    throw BadData("--normalise {}: no training utterance is good, so there are no statistics",
                  NormalisationName(normalise_));
  }
  training_ = StatisticsOf(speakers_.begin()->second);
}

void SpeakerStatistics::Normalise(const std::string& speaker, FeatureMatrix& features) const {
  if (normalise_ == Normalisation::kNone) return;
  if (normalise_ == Normalisation::kUtterance) return NormaliseByItself(features);
  if (NeedsTraining(normalise_)) return NormaliseByTraining(normalise_, training_, features);
  const auto found = speakers_.find(speaker);
  if (speaker.empty() || found == speakers_.end()) {
    throw BadData("it has no speaker, which --normalise speaker needs");
  }
  lockstep::Normalise(found->second, true, features.values);
}

std::string SpeakerStatistics::ToText() const {
  nlohmann::json json = nlohmann::json::object();
  for (const auto& [speaker, moments] : speakers_) {
    json[speaker] = {moments.frames, moments.sum, moments.squares};
  }
  return JsonTextOfAnyBytes(json);
}

void SpeakerStatistics::AddText(const std::string& text) {
  const nlohmann::json speakers = ParseJson(text);
  for (const auto& [speaker, sums] : speakers.items()) {
    FeatureMoments moments(0);
    moments.frames = IndexFrom(sums.at(0));
    sums.at(1).get_to(moments.sum);
    sums.at(2).get_to(moments.squares);
    const std::size_t width = moments.sum.size();
    FeatureMoments& all = speakers_.try_emplace(speaker, static_cast<Index>(width)).first->second;
    if (moments.squares.size() != width || all.sum.size() != width) {
      throw BadData(
          "sums of {}, squares of {} and earlier sums of {} features belong to speaker {}", width,
          moments.squares.size(), all.sum.size(), Printable(speaker));
    }
    all.Add(moments);
  }
}

void NormaliseRecording(const SoundOptions& sound, FeatureMatrix& features) {
  if (sound.normalise == Normalisation::kNone) return;
  if (!NeedsTraining(sound.normalise)) return NormaliseByItself(features);
  NormaliseByTraining(sound.normalise, sound.training, features);
}

}  // namespace lockstep
