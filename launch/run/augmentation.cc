#include "launch/run/augmentation.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/json_node.h"
#include "base/json_number.h"
#include "base/json_text.h"
#include "launch/config/number_range.h"
#include "launch/run/label_texts.h"

namespace lockstep {
namespace {

// The label between two words; -1 if the labels have none, because each begins a word or tells
// whether it does.
std::int32_t SeparatorOf(const CorpusInfo& corpus) {
  const DecoderLabels labels = DecoderLabelsOf(corpus);
  for (Index label = 1; label < labels.classes(); ++label) {
    if (labels.part(label) == WordPart::kSeparator) {
      return static_cast<std::int32_t>(label);
    }
  }
  if (labels.kind() != LabelKind::kLetters) return -1;
  throw UsageError(
      "augment.crop and augment.join put words together, but the corpus has no letter for the "
      "blank between words, as every training text is one word: prepare it again with "
      "--units words, or with letters that have \"|\" as --units-file");
}

Index FramesOf(double seconds, const CorpusInfo& corpus) {
  const double frame_seconds = corpus.schema.seconds_per_step;
  if (seconds == 0) return 0;
  if (frame_seconds > 0) return std::max<Index>(1, std::llround(seconds / frame_seconds));
  throw UsageError(
      "augment.join_seconds is {}, but the corpus does not say how long a frame is: set it to 0",
      seconds);
}

// Why energies cannot be mixed in the features of a corpus, and what to do; empty if they can be.
std::string WhyNotMixed(const CorpusInfo& corpus, const nlohmann::json& features) {
  const nlohmann::json options = features.value("options", nlohmann::json::object());
  const std::string normalise = features.value("normalise", "none");
  if (features.value("source", "") != "audio") {
    return "the corpus does not say how its features were computed: prepare it from recordings";
  }
  if (options.value("kind", "") != "fbank" || !options.value("use_log_fbank", false) ||
      !options.value("use_power", false) || options.value("use_energy", true)) {
    return "its features are no log energies of mel bands: prepare it with --features fbank";
  }
  const nlohmann::json bins = features.value("bins", nlohmann::json());
  if (!IsIndex(bins) || corpus.leading().width != bins.get<Index>()) {
    return "its frames have deltas, which would have to be computed anew: prepare it with --deltas "
           "0";
  }
  if (normalise == "none" || normalise == "global") return "";
  return fmt::format(
      "its features were normalised by \"{}\", which cannot be undone: prepare it with --normalise "
      "global",
      normalise);
}

void RequireStore(const char* key, const char* option, const FrameStore& store, Index width) {
  if (store.width == width) return;
  throw UsageError(
      "{} needs recordings in the corpus, which has none: prepare it again with {}, or leave the "
      "key out",
      key, option);
}

void SetNormalisation(const nlohmann::json& features, Index width, EnergyMixOptions* mix) {
  if (features.value("normalise", "none") != "global") return;
  constexpr double kVarianceFloor = 1e-5;  // as where the corpus was normalised
  const JsonNode training(features.at("training"), "corpus", "features/training");
  for (const JsonNode& mean : training.At("mean").Items()) {
    mix->mean.push_back(static_cast<float>(mean.Real()));
  }
  for (const JsonNode& variance : training.At("variance").Items()) {
    mix->deviation.push_back(
        static_cast<float>(std::sqrt(std::max(variance.Real(), kVarianceFloor))));
  }
  if (std::ssize(mix->mean) == width && std::ssize(mix->deviation) == width) return;
  training.Fail(fmt::format("has other numbers of values than the {} of a frame", width));
}

}  // namespace

void SetSplices(const RunConfig& run, const CorpusInfo& corpus, StreamOptions* stream) {
  SpliceOptions& splice = stream->splice;
  if (splice.IsIdentity()) return;
  RequireSpliceable(corpus, splice);
  if (HasLabelTexts(corpus)) splice.separator = SeparatorOf(corpus);
  splice.most_frames = FramesOf(run.join_seconds, corpus);
}

void SetEnergyMix(const RunConfig& run, const CorpusInfo& corpus, StreamOptions* stream) {
  EnergyMixOptions& mix = stream->mix;
  if (mix.IsIdentity()) return;
  const NumberRange snr = NumberRangeFromText("augment.noise_snr", run.noise_snr, -40, 100);
  mix.snr_low_db = snr.low;
  mix.snr_high_db = snr.high;
  if (!run.room_seconds.empty()) {
    const NumberRange seconds =
        NumberRangeFromText("augment.room_seconds", run.room_seconds, 0.01, 20);
    mix.room_low_seconds = seconds.low;
    mix.room_high_seconds = seconds.high;
  }
  const nlohmann::json features = corpus.features.empty() || !corpus.leading().is_real()
                                      ? nlohmann::json::object()
                                      : ParseJson(corpus.features);
  const std::string why_not = WhyNotMixed(corpus, features);
  if (!why_not.empty()) {
    throw UsageError(
        "augment.gain, augment.noise_share and augment.room_share change energies of mel bands, "
        "but {}; or leave these keys out",
        why_not);
  }
  const Index width = corpus.leading().width;
  if (mix.uses_noise()) RequireStore("augment.noise_share", "--noise-files", corpus.noise, width);
  if (mix.uses_rooms()) {
    RequireStore("augment.room_share", "--room-files (or set augment.room_seconds)", corpus.rooms,
                 width);
  }
  mix.frame_seconds = corpus.schema.seconds_per_step;
  SetNormalisation(features, width, &mix);
}

}  // namespace lockstep
