#include "data/speech/speaker_statistics.h"

#include <nlohmann/json.hpp>

#include "base/error.h"

namespace lockstep {

void SpeakerStatistics::Add(const std::string& speaker, const FeatureMatrix& features) {
  if (normalise_ != Normalisation::kSpeaker) return;
  speakers_.try_emplace(speaker, features.columns).first->second.Add(features.values);
}

void SpeakerStatistics::Add(const SpeakerStatistics& other) {
  for (const auto& [speaker, theirs] : other.speakers_) {
    const auto width = static_cast<Index>(theirs.sum.size());
    speakers_.try_emplace(speaker, width).first->second.Add(theirs);
  }
}

void SpeakerStatistics::Normalise(const std::string& speaker, FeatureMatrix& features) const {
  if (normalise_ == Normalisation::kNone) return;
  if (normalise_ == Normalisation::kUtterance) {
    FeatureMoments moments(features.columns);
    moments.Add(features.values);
    return lockstep::Normalise(moments, true, features.values);
  }
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
  return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

SpeakerStatistics SpeakerStatistics::FromText(const std::string& text) {
  SpeakerStatistics statistics(Normalisation::kSpeaker);
  const nlohmann::json speakers = nlohmann::json::parse(text);
  for (const auto& [speaker, sums] : speakers.items()) {
    FeatureMoments moments(0);
    sums.at(0).get_to(moments.frames);
    sums.at(1).get_to(moments.sum);
    sums.at(2).get_to(moments.squares);
    statistics.speakers_.emplace(speaker, std::move(moments));
  }
  return statistics;
}

}  // namespace lockstep
