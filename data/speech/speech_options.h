// How recordings and transcripts become a corpus. docs/speech.md has the whole road.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "data/corpus/shard_writer.h"
#include "data/speech/features/feature_options.h"
#include "data/speech/manifests/manifest.h"
#include "data/text/units.h"

namespace lockstep {

enum class Normalisation {
  kNone,       // "none"
  kUtterance,  // "utterance": each column to mean 0 and variance 1 over the utterance
  kSpeaker,    // "speaker": over all utterances of its speaker in the corpus; needs a second pass
};

struct SoundOptions {
  FeatureOptions features;
  int deltas =
      0;  // 0..2: time derivatives appended, so that a frame has 1 + deltas times the width
  Normalisation normalise = Normalisation::kUtterance;
  bool allow_upsampling = false;  // take recordings of a lower rate than features.sample_rate
  double max_seconds = 60;        // above 0; a longer utterance is a problem
  Index mfc_width = 13;           // columns of .mfc files
};

// Copies of the training utterances.
struct CopyOptions {
  // Each makes a copy that plays so many times as fast (0.5..2), in pitch too; 1 is the recording.
  std::vector<double> speeds = {1};
  // dB, lowest and highest: white noise is added to each copy at a ratio drawn between them.
  std::optional<std::pair<double, double>> noise_snr;
};

struct UnitChoice {
  UnitKind kind = UnitKind::kLetters;
  LetterCase letter_case = LetterCase::kAsWritten;
  Index pieces = 0;        // of a SentencePiece model to be trained
  std::string model_file;  // or one that is there
  std::string names_file;  // letters or words from a list instead of the transcripts
};

struct SpeechSplit {
  std::string name;
  ManifestSpec manifest;
};

struct SpeechOptions {
  std::vector<SpeechSplit> splits;  // the first is "train", whose transcripts give the units
  Index synthetic = 0;              // instead of manifests: so many spoken utterances
  std::string out;
  SoundOptions sound;
  CopyOptions copies;
  UnitChoice units;
  // Speakers of the training manifest whose utterances make the split "valid": so many, drawn by
  // the seed, or those named.
  Index hold_out_speakers = 0;
  std::vector<std::string> valid_speakers;
  // Labels must fit into ceil(frames / subsampling) steps, as CTC needs it.
  Index subsampling = 1;
  Index skip_bad = 0;  // bad utterances that may be left out
  std::uint64_t seed = 1;
  int threads = 1;
  Index shard_bytes = kDefaultShardBytes;
};

// UsageError that lists all violations together.
void CheckSpeechOptions(const SpeechOptions& options);

// Everything that decides the bytes of the samples, but units and manifests.
nlohmann::json SpeechOptionsJson(const SpeechOptions& options);

std::string NormalisationName(Normalisation normalise);

}  // namespace lockstep
