// Turns an utterance of a manifest into features: opens its file, checks, decodes and resamples it,
// and computes features. Every fault of a recording is found here and thrown as an InputError,
// whose text describes the problem.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "data/speech/features/feature_extractor.h"
#include "data/speech/features/feature_matrix.h"
#include "data/speech/speech_options.h"

namespace lockstep {

// The size of an utterance according to the header of its file.
struct UtteranceSize {
  double seconds = 0;     // length of the sound; for feature files, 10 ms per frame
  Index frames = 0;       // frames at speed 1
  Index width = 0;        // columns before deltas
  Index source_rate = 0;  // Hz; 0 for feature files
};

// How to make one copy of an utterance.
struct CopyChoice {
  double speed = 1;
  bool add_noise = false;
  std::uint64_t noise_stream = 0;  // copies with different numbers have different noise
};

class UtteranceLoader {
 public:
  // `options` must outlive the loader. `scratch` is the prefix of the names of temporary files.
  // Each thread needs its own loader.
  UtteranceLoader(const SpeechOptions& options, std::string scratch);

  // Reads the header only. Throws for the faults that a header shows: the file is missing, cut
  // short, of a lower rate, too long or too short, or the utterance is not within the recording.
  UtteranceSize Measure(const Utterance& utterance);

  // Computes features with deltas, before normalisation. Throws also for the faults that the sound
  // shows: silence, values that are not finite, damage.
  FeatureMatrix Load(const Utterance& utterance, const CopyChoice& copy);
  // The length of the utterance that was loaded last, at speed 1.
  double seconds() const { return seconds_; }

 private:
  UtteranceSize MeasureSound(const Utterance& utterance) const;
  UtteranceSize MeasureFeatures(const Utterance& utterance) const;
  FeatureMatrix LoadSound(const Utterance& utterance, const CopyChoice& copy);
  std::vector<float> ReadSamples(const Utterance& utterance, Index* rate) const;
  void AddSomeNoise(const CopyChoice& copy, std::vector<float>& samples) const;

  const SpeechOptions& options_;
  std::string scratch_;
  FeatureExtractor extractor_;
  double seconds_ = 0;
};

}  // namespace lockstep
