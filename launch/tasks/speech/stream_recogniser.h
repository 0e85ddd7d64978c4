// Transcribes while it listens: samples -> features -> steps -> scores -> words, each as soon as it
// is known, in constant memory. The scores have the bits that RecordingRecogniser gives for the
// whole recording.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "data/corpus/shard_format.h"
#include "data/speech/live_features.h"
#include "data/stream/step_stream.h"
#include "launch/run/trained_model.h"
#include "launch/tasks/speech/stream_segments.h"

namespace lockstep {

// The time from the beginning of a step's own sound until its scores can be known, by its parts, in
// seconds of sound. Computing comes in addition.
struct StreamLatency {
  double step = 0;        // the step itself: data.stride frames
  double features = 0;    // windows, deltas and resampling beyond that
  double stacking = 0;    // frames of the step's window beyond that
  double look_ahead = 0;  // later steps that the model looks at
  double Sum() const { return step + features + stacking + look_ahead; }
};

class StreamRecogniser {
 public:
  // All must outlive it. `rate` is that of the samples in Hz; `pause_seconds` ends a segment.
  // UsageError if the run cannot be used while listening, with what to change.
  StreamRecogniser(const TrainedModel& trained, const CorpusInfo& corpus,
                   const SpeechDecoder& decoder, Index rate, double pause_seconds);

  // Adds samples on the scale of 16-bit integers; appends what has become known. How the sound is
  // cut into calls changes no result.
  void Add(std::span<const float> samples, std::vector<StreamResult>* results);
  // Ends the sound: appends the rest. BadData if it is too short for one frame.
  void Finish(std::vector<StreamResult>* results);

  double step_seconds() const { return step_seconds_; }
  StreamLatency Latency() const;
  // The seconds of sound after which the scores of a step are known; beyond the end of the sound,
  // they are known at the end.
  double KnownAfter(Index step) const;

 private:
  void Score(bool ends, std::vector<StreamResult>* results);

  const TrainedModel& trained_;
  double frame_seconds_, step_seconds_;
  LiveFeatures features_;
  StepStream steps_;
  std::unique_ptr<ScoreStream<float>> scores_;
  std::unique_ptr<StreamSegments> segments_;
  std::vector<float> frames_, inputs_;  // of one call
  bool has_frame_ = false;
};

}  // namespace lockstep
