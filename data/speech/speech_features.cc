#include "data/speech/speech_features.h"

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/json_node.h"
#include "base/json_text.h"

namespace lockstep {
namespace {

constexpr double kMillisecond = 1e-3;
constexpr const char* kWhere = "corpus.json /features";

// Calls use(node) for the document of the features.
template <typename Use>
auto WithFeatures(const CorpusInfo& corpus, Use use) {
  if (corpus.kind != "speech" || corpus.features.empty()) {
    throw UsageError("a corpus of kind \"{}\" has no features of speech", corpus.kind);
  }
  const nlohmann::json json = ParseJson(corpus.features);
  return use(JsonNode(json, kWhere, ""), json);
}

Normalisation NormalisationOf(const JsonNode& node) {
  for (const Normalisation known : kNormalisations) {
    if (NormalisationName(known) == node.Text()) return known;
  }
  node.Fail("is \"" + node.Text() +
            "\", allowed are none, utterance, speaker, global, running "
            "and smoothed");
}

}  // namespace

UtteranceKind FeatureSourceOf(const CorpusInfo& corpus) {
  return WithFeatures(corpus, [](const JsonNode& node, const nlohmann::json&) {
    const std::string source = node.At("source").Text();
    if (source == "audio") return UtteranceKind::kAudio;
    if (source == "kaldi") return UtteranceKind::kArk;
    if (source == "mfc") return UtteranceKind::kMfc;
    node.At("source").Fail("is \"" + source + "\", allowed are audio, kaldi and mfc");
  });
}

SoundOptions SoundOptionsOf(const CorpusInfo& corpus) {
  const bool computed = FeatureSourceOf(corpus) == UtteranceKind::kAudio;
  return WithFeatures(corpus, [&](const JsonNode& node, const nlohmann::json& json) {
    constexpr Index kMostBins = 1 << 16;
    SoundOptions sound;
    sound.deltas = static_cast<int>(node.At("deltas").Integer(0, 2));
    sound.normalise = NormalisationOf(node.At("normalise"));
    sound.mfc_width = node.At("bins").Integer(1, kMostBins);
    if (NeedsTraining(sound.normalise)) {
      sound.training =
          StatisticsFromJson(node.At("training"), sound.mfc_width * (1 + sound.deltas));
    }
    if (computed) sound.features = FeatureOptionsFromJson(json.at("options"), kWhere);
    return sound;
  });
}

FeatureStatistics StatisticsIn(const std::string& folder) {
  const auto training = SoundOptionsOf(ReadCorpusInfo(folder)).training;
  if (training) return *training;
  throw UsageError(
      "--statistics {}: corpus.json there has no statistics of a training split; it must have been "
      "prepared with --normalise global, running or smoothed",
      folder);
}

double FrameSecondsOf(const CorpusInfo& corpus) {
  return SoundOptionsOf(corpus).features.frame_shift_ms * kMillisecond;
}

}  // namespace lockstep
