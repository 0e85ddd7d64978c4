#include "launch/run/frequency_axis.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numbers>

#include "base/error.h"
#include "base/feature_normalisation.h"
#include "base/json_node.h"

namespace lockstep {
namespace {

[[noreturn]] void Refuse(const std::string& why) {
  throw UsageError(
      "augment.warp moves the frequencies of log energies of mel bands and of cepstra, but {}; or "
      "leave the key out",
      why);
}

// Kaldi's cepstra are orthonormal, so that coefficient 0 has another scale than the others, and
// liftered (FeatureExtractor).
std::vector<double> WeightsOf(const nlohmann::json& options, Index bins) {
  const double lifter = options.value("cepstral_lifter", 0.0);
  std::vector<double> weights;
  for (Index k = 0; k < bins; ++k) {
    const double angle = std::numbers::pi * static_cast<double>(k);
    const double lift = lifter == 0 ? 1 : 1 + 0.5 * lifter * std::sin(angle / lifter);
    weights.push_back(lift * (k == 0 ? 1 : std::numbers::sqrt2));
  }
  return weights;
}

void SetAxis(const nlohmann::json& features, Index bins, FrequencyWarpOptions* warp) {
  const std::string source = features.value("source", "");
  const nlohmann::json options = features.value("options", nlohmann::json::object());
  const std::string kind = options.value("kind", "");
  if (source != "audio" && source != "mfc") {
    Refuse("the corpus does not say how its features were computed: prepare it from recordings");
  }
  warp->cepstra = source == "mfc" || kind == "mfcc";
  if (source == "mfc") return;
  if (options.value("use_energy", true) ||
      (kind == "fbank" && !options.value("use_log_fbank", false))) {
    Refuse("its frames have other energies, too: prepare it with --features fbank or mfcc");
  }
  if (warp->cepstra) warp->weights = WeightsOf(options, bins);
}

void SetNormalisation(const nlohmann::json& features, FrequencyWarpOptions* warp) {
  const std::string normalise = features.value("normalise", "none");
  if (normalise == "none") return;
  if (!features.contains("training")) {
    Refuse(
        fmt::format("its features were normalised by \"{}\", which cannot be undone: prepare it "
                    "with --normalise global, running or smoothed",
                    normalise));
  }
  const JsonNode training(features.at("training"), "corpus", "features/training");
  for (const JsonNode& mean : training.At("mean").Items()) warp->mean.push_back(mean.Real());
  for (const JsonNode& variance : training.At("variance").Items()) {
    warp->deviation.push_back(std::sqrt(std::max(variance.Real(), kVarianceFloor)));
  }
  if (normalise == "global") return;
  warp->mean_frames = kPriorFrames;
  if (normalise == "running") warp->forgetting_frames = kForgettingFrames;
}

}  // namespace

void SetFrequencyWarp(const CorpusInfo& corpus, StreamOptions* stream) {
  FrequencyWarpOptions& warp = stream->warp;
  if (warp.IsIdentity()) return;
  if (corpus.features.empty() || !corpus.leading().is_real() || stream->frames.bins == 0) {
    Refuse(fmt::format("the corpus is of kind \"{}\": take one of recordings", corpus.kind));
  }
  const nlohmann::json features = nlohmann::json::parse(corpus.features);
  SetAxis(features, stream->frames.bins, &warp);
  SetNormalisation(features, &warp);
  const Index width = corpus.leading().width;
  if (warp.mean.empty() || std::ssize(warp.mean) == width) return;
  Refuse(fmt::format("corpus.json has {} means for the {} features of a frame", warp.mean.size(),
                     width));
}

}  // namespace lockstep
