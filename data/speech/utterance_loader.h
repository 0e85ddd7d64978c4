// From an utterance of a manifest to its features: opens, checks, decodes, resamples, computes. All
// that can be wrong with a recording is found here and thrown as an InputError whose text is the
// problem.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "data/speech/features/feature_extractor.h"
#include "data/speech/features/feature_matrix.h"
#include "data/speech/speech_options.h"

namespace lockstep {

// What the header of a file shows.
struct UtteranceSize {
  double seconds = 0;     // of sound; feature files: 10 ms a frame
  Index frames = 0;       // at speed 1
  Index width = 0;        // columns before deltas
  Index source_rate = 0;  // Hz; 0 for feature files
};

// One copy of an utterance.
struct CopyChoice {
  double speed = 1;
  bool add_noise = false;
  std::uint64_t noise_stream = 0;  // copies of different streams have different noise
};

class UtteranceLoader {
 public:
  // `options` must outlive the loader. `scratch` begins the names of temporary files. One loader a
  // thread.
  UtteranceLoader(const SpeechOptions& options, std::string scratch);

  // From the header alone. Throws what a header can show: missing, cut short, of a lower rate, too
  // long, too short, a stretch outside the recording.
  UtteranceSize Measure(const Utterance& utterance);

  // Features with deltas, before normalisation. Throws what the sound can show, too: silence,
  // values that are not finite, damage.
  FeatureMatrix Load(const Utterance& utterance, const CopyChoice& copy);
  // Of the utterance that was loaded last, at speed 1.
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
