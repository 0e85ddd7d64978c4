#include "data/speech/speech_options.h"

#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>
#include <set>

#include "base/error.h"

namespace lockstep {
namespace {

// A name becomes part of file names.
bool IsSplitName(const std::string& name) {
  const auto is_good = [](unsigned char c) { return std::isalnum(c) != 0 || c == '_' || c == '-'; };
  return !name.empty() && name.size() <= 64 && std::all_of(name.begin(), name.end(), is_good);
}

void CheckSplits(const SpeechOptions& options, std::vector<std::string>& violations) {
  if (options.splits.empty()) violations.push_back("there is no manifest");
  std::set<std::string> names;
  for (const SpeechSplit& split : options.splits) {
    if (!IsSplitName(split.name)) {
      violations.push_back(
          fmt::format("split \"{}\": a name has letters, digits, _ and -", split.name));
    }
    names.insert(split.name);
  }
  const bool holds_out = options.hold_out_speakers > 0 || !options.valid_speakers.empty();
  if (holds_out && names.contains("valid")) {
    violations.push_back(
        "the split \"valid\" has a manifest, so no speakers can be held out for it");
  }
  if (!options.test_speakers.empty() && names.contains("test")) {
    violations.push_back(
        "the split \"test\" has a manifest, so no speakers can be chosen for it (--test-speakers)");
  }
  if (options.hold_out_speakers > 0 && !options.valid_speakers.empty()) {
    violations.push_back("--hold-out-speakers and --valid-speakers exclude each other");
  }
}

void CheckCopies(const CopyOptions& copies, std::vector<std::string>& violations) {
  if (copies.speeds.empty()) violations.push_back("--speeds is empty");
  for (const double speed : copies.speeds) {
    if (speed < 0.5 || speed > 2) {
      violations.push_back(fmt::format("--speeds has {}, allowed: 0.5 to 2", speed));
    }
  }
  if (std::set(copies.speeds.begin(), copies.speeds.end()).size() != copies.speeds.size()) {
    violations.push_back("--speeds has a speed twice");
  }
  if (copies.noise_snr && (copies.noise_snr->first > copies.noise_snr->second ||
                           copies.noise_snr->first < -20 || copies.noise_snr->second > 100)) {
    violations.push_back(fmt::format("--noise-snr is {} to {} dB, allowed: low to high in -20..100",
                                     copies.noise_snr->first, copies.noise_snr->second));
  }
}

// Energies of noise and rooms can be added where energies can be computed back from features.
void CheckBackgrounds(const SpeechOptions& options, std::vector<std::string>& violations) {
  if (options.noise_files.empty() && options.room_files.empty()) return;
  const SoundOptions& sound = options.sound;
  if (sound.features.kind != FeatureKind::kFilterBank || sound.deltas != 0) {
    violations.push_back(
        "--noise-files and --room-files are for log energies: use --features fbank and --deltas 0");
  }
  if (sound.normalise != Normalisation::kGlobal && sound.normalise != Normalisation::kNone) {
    violations.push_back(
        fmt::format("--noise-files and --room-files need features whose normalisation can be "
                    "undone: --normalise global or none; it is {}",
                    NormalisationName(sound.normalise)));
  }
  if (!(options.noise_seconds >= 1 && options.noise_seconds <= 36000)) {
    violations.push_back(
        fmt::format("--noise-seconds is {:g}, allowed: 1 to 36000", options.noise_seconds));
  }
}

}  // namespace

int SpeechOptions::training_manifests() const {
  int count = 0;
  for (const SpeechSplit& split : splits) {
    if (split.name != splits[0].name) break;
    ++count;
  }
  return count;
}

void CheckSpeechOptions(const SpeechOptions& options) {
  std::vector<std::string> violations;
  const auto check = [&](bool good, const char* name, auto found, const char* allowed) {
    if (!good) violations.push_back(fmt::format("--{} is {}, allowed: {}", name, found, allowed));
  };
  CheckSplits(options, violations);
  CheckCopies(options.copies, violations);
  CheckBackgrounds(options, violations);
  if (!options.ctm.empty() && options.cut_at_pauses) {
    violations.push_back("--ctm and --cut-at-pauses exclude each other");
  }
  const SoundOptions& sound = options.sound;
  check(options.copies.splices >= 0 && options.copies.splices <= 1000, "splices",
        options.copies.splices, "0 to 1000");
  check(sound.deltas >= 0 && sound.deltas <= 2, "deltas", sound.deltas, "0 to 2");
  if (sound.training && !NeedsTraining(sound.normalise)) {
    violations.push_back(fmt::format(
        "--statistics goes with --normalise global, running or smoothed; --normalise is {}",
        NormalisationName(sound.normalise)));
  }
  check(sound.max_seconds > 0, "max-seconds", sound.max_seconds, "above 0");
  check(options.subsampling >= 1, "subsampling", options.subsampling, "1 or more");
  check(options.threads >= 1, "threads", options.threads, "1 or more");
  check(options.shard_bytes >= 1, "shard-bytes", options.shard_bytes, "1 or more");
  try {
    CheckFeatureOptions(sound.features);
  } catch (const InputError& error) {
    violations.push_back(error.what());
  }
  if (!violations.empty()) throw UsageError("{}", fmt::join(violations, "; "));
}

nlohmann::json SpeechOptionsJson(const SpeechOptions& options) {
  nlohmann::json json = {{"features", FeatureOptionsJson(options.sound.features)},
                         {"deltas", options.sound.deltas},
                         {"normalise", NormalisationName(options.sound.normalise)},
                         {"allow_upsampling", options.sound.allow_upsampling},
                         {"max_seconds", options.sound.max_seconds},
                         {"mfc_width", options.sound.mfc_width},
                         {"speeds", options.copies.speeds},
                         {"subsampling", options.subsampling},
                         {"synthetic", options.synthetic},
                         {"units", UnitKindName(options.units.kind)},
                         {"letter_case", LetterCaseName(options.units.letter_case)},
                         {"seed", options.seed}};
  if (options.copies.noise_snr) {
    json["noise_snr"] = {options.copies.noise_snr->first, options.copies.noise_snr->second};
  }
  if (options.copies.splices > 0) json["splices"] = options.copies.splices;
  if (!options.ctm.empty()) json["word_times"] = "ctm";
  if (options.cut_at_pauses) json["word_times"] = "pauses";
  if (options.knows_words()) json["cuts"] = true;
  if (options.sound.training) json["training"] = StatisticsJson(*options.sound.training);
  if (options.sound.channel == Utterance::kMixedChannels) json["channel"] = "mix";
  if (options.sound.channel >= 0) json["channel"] = options.sound.channel;
  return json;
}

std::string NormalisationName(Normalisation normalise) {
  switch (normalise) {
    case Normalisation::kNone:
      return "none";
    case Normalisation::kUtterance:
      return "utterance";
    case Normalisation::kSpeaker:
      return "speaker";
    case Normalisation::kGlobal:
      return "global";
    case Normalisation::kRunning:
      return "running";
    case Normalisation::kSmoothed:
      return "smoothed";
  }
  return "";
}

Normalisation NormalisationFromName(const std::string& name, const std::string& option) {
  std::vector<std::string> allowed;
  for (const Normalisation known : kNormalisations) {
    if (NormalisationName(known) == name) return known;
    allowed.push_back(NormalisationName(known));
  }
  throw UsageError("{} is \"{}\"; allowed: {}", option, name, fmt::join(allowed, " "));
}

}  // namespace lockstep
