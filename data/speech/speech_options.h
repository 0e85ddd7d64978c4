// The options for turning recordings and transcripts into a corpus. docs/speech.md describes all
// steps.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "data/corpus/shard_writer.h"
#include "data/speech/features/feature_options.h"
#include "data/speech/features/feature_statistics.h"
#include "data/speech/manifests/manifest.h"
#include "data/text/units.h"

namespace lockstep {

enum class Normalisation {
  kNone,       // "none"
  kUtterance,  // "utterance": each column to mean 0 and variance 1 over the utterance
  kSpeaker,    // "speaker": over all utterances of its speaker in the corpus; needs a second pass
  kGlobal,     // "global": over all training utterances; needs a second pass
  kRunning,    // "running": over the frames so far, beginning from "global" (RunningNormaliser)
  kSmoothed,   // "smoothed": over the utterance, drawn towards "global" (SmoothedStatistics)
};
inline constexpr Normalisation kNormalisations[] = {
    Normalisation::kNone,   Normalisation::kUtterance, Normalisation::kSpeaker,
    Normalisation::kGlobal, Normalisation::kRunning,   Normalisation::kSmoothed};

// True if features are normalised by statistics of the training split, which the corpus keeps.
inline bool NeedsTraining(Normalisation normalise) {
  return normalise == Normalisation::kGlobal || normalise == Normalisation::kRunning ||
         normalise == Normalisation::kSmoothed;
}

struct SoundOptions {
  FeatureOptions features;
  // 0 to 2: the order of time derivatives that are appended; a frame then has 1 + deltas times the
  // width.
  int deltas = 0;
  Normalisation normalise = Normalisation::kUtterance;
  // Where NeedsTraining: the statistics to use; if not set, those of the training split are taken.
  std::optional<FeatureStatistics> training;
  bool allow_upsampling = false;  // accept recordings with a lower rate than features.sample_rate
  int channel = Utterance::kNoChannel;  // for utterances that name none
  double max_seconds = 60;              // above 0; a longer utterance counts as bad
  Index mfc_width = 13;                 // columns of .mfc files
};

// Copies that are made of each training utterance.
struct CopyOptions {
  // Each entry makes one copy that is faster by this factor, 0.5 to 2, with its pitch changed, too.
  // 1 is the unchanged recording.
  std::vector<double> speeds = {1};
  // If set, white noise is added to each copy, with a signal-to-noise ratio drawn between these two
  // bounds, in dB.
  std::optional<std::pair<double, double>> noise_snr;
  // Crops and joins that are made of each utterance, beside its copies; see splices.h.
  Index splices = 0;
};

struct UnitChoice {
  UnitKind kind = UnitKind::kLetters;
  LetterCase letter_case = LetterCase::kAsWritten;
  Index pieces = 0;        // number of pieces, if a SentencePiece model is to be trained
  std::string model_file;  // an existing SentencePiece model to be used instead
  std::string names_file;  // a list of letters or words to be used instead of the transcripts'
};

struct SpeechSplit {
  std::string name;
  ManifestSpec manifest;
};

struct SpeechOptions {
  // One entry for each manifest; a split may have several. The first ones are those of "train",
  // whose transcripts give the units.
  std::vector<SpeechSplit> splits;
  Index synthetic = 0;  // instead of manifests: number of utterances to synthesise
  std::string out;
  SoundOptions sound;
  CopyOptions copies;
  UnitChoice units;
  // How to find where words begin in training utterances: at most one of these. The corpus then has
  // their cuts (data/corpus/word_cuts.h). With neither, utterances are joined but not cropped.
  std::string ctm;             // a CTM file
  bool cut_at_pauses = false;  // by the pauses between words
  // Files, folders, patterns and @lists (BackgroundFiles): what training may mix with samples.
  std::vector<std::string> noise_files;
  std::vector<std::string> room_files;
  double noise_seconds = 1800;  // most noise that is kept, because each rank holds it in memory
  // Speakers of the training manifests whose utterances form the split "valid": either this many,
  // drawn by the seed, or those that the given names and patterns match.
  Index hold_out_speakers = 0;
  std::vector<std::string> valid_speakers;
  std::vector<std::string> test_speakers;  // become the split "test"
  // Frames per model step. Utterances whose labels do not fit into ceil(frames / subsampling) steps
  // (CTC) count as bad.
  Index subsampling = 1;
  Index skip_bad = 0;  // the most bad utterances that may be left out
  std::uint64_t seed = 1;
  int threads = 1;
  Index shard_bytes = kDefaultShardBytes;

  bool knows_words() const { return !ctm.empty() || cut_at_pauses; }
  // The number of entries at the beginning of `splits` that have the name of the first.
  int training_manifests() const;
};

// UsageError that lists all violations together.
void CheckSpeechOptions(const SpeechOptions& options);

// All options that decide the bytes of the samples, except units and manifests.
nlohmann::json SpeechOptionsJson(const SpeechOptions& options);

std::string NormalisationName(Normalisation normalise);
// UsageError if the name is unknown; `option` begins the message.
Normalisation NormalisationFromName(const std::string& name, const std::string& option);

}  // namespace lockstep
