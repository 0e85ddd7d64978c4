// Features of a recording that is still going on: sound in pieces of any size becomes normalised
// frames as soon as they are known. All frames together have the bits of those that
// UtteranceLoader::Load and NormaliseRecording give for the whole recording. Memory is constant.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "data/speech/features/feature_extractor.h"
#include "data/speech/features/feature_statistics.h"
#include "data/speech/features/feature_transforms.h"
#include "data/speech/sound/resampler.h"
#include "data/speech/speech_options.h"

namespace lockstep {

class LiveFeatures {
 public:
  // `sound` are the options of a corpus, `rate` is that of the sound in Hz. UsageError if its
  // normalisation needs the whole recording, or the rate cannot be converted.
  LiveFeatures(const SoundOptions& sound, Index rate);
  LiveFeatures(const LiveFeatures&) = delete;  // the stream points at the extractor
  LiveFeatures& operator=(const LiveFeatures&) = delete;

  Index width() const { return extractor_.width() * (1 + deltas_); }
  // Adds samples on the scale of 16-bit integers; appends the frames [n, width()] known now.
  // BadData if a feature is not finite.
  void Add(std::span<const float> samples, std::vector<float>* frames);
  // Ends the recording: appends the rest.
  void Finish(std::vector<float>* frames);

  // The seconds of sound after which a frame is known, unless the recording ends before.
  double KnownAfter(Index frame) const;

 private:
  void AddFeatures(bool ends, std::vector<float>* frames);

  Index rate_, deltas_;
  Normalisation normalise_;
  Resampler resampler_;
  FeatureExtractor extractor_;
  FeatureStream features_;
  std::optional<DeltaStream> delta_stream_;
  std::optional<FeatureStatistics> training_;
  std::optional<RunningNormaliser> running_;
  std::vector<float> resampled_, rows_;  // of one call
  Index frames_ = 0;                     // that were appended
};

}  // namespace lockstep
