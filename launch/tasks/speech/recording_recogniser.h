// From a recording of any length to words: features as the corpus of the run has them, the model in
// windows, the decoder from pause to pause.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "data/speech/sound/audio_file.h"
#include "data/speech/speech_options.h"
#include "data/speech/utterance_loader.h"
#include "data/stream/frame_transform.h"
#include "launch/run/trained_model.h"
#include "launch/tasks/speech/known_transcripts.h"
#include "launch/tasks/speech/speech_decoder.h"
#include "launch/tasks/speech/transcript_writer.h"
#include "worker/decode/sequence_scorer.h"

namespace lockstep {

struct RecognisedRecording {
  Transcript transcript;
  FeatureMatrix features;     // normalised, before stacking
  std::vector<float> logits;  // [steps, classes]
};

class RecordingRecogniser {
 public:
  // What the model computes at once, besides context on both sides: longer recordings are computed
  // window by window, so that memory for activations is bounded. A model of one direction needs no
  // context, because it hands its states to the next window.
  static constexpr double kWindowSeconds = 30;
  static constexpr double kContextSeconds = 3;
  // The decoder takes no more at once; it cuts in the longest pause of the second half.
  static constexpr double kMostSecondsDecoded = 20;

  // All must outlive it. UsageError when the run's features cannot be computed from a file.
  RecordingRecogniser(const TrainedModel& trained, const CorpusInfo& corpus,
                      const SpeechDecoder& decoder, int threads);

  // Recognises a sound file or a stretch of it; a feature file where the corpus was made of those.
  // Statistics for normalisation are those of the stretch. What is wrong with a transcript that is
  // to be aligned is BadData with the file and the utterance.
  RecognisedRecording Recognise(const Utterance& utterance);

  double frame_seconds() const { return frame_seconds_; }  // of features
  double step_seconds() const { return frame_seconds_ * static_cast<double>(options_.stride); }

 private:
  // UsageError for a recording of several channels of which none was chosen; warns of a low rate.
  void CheckSound(const Utterance& utterance) const;
  FeatureMatrix LoadFeatures(Utterance utterance);
  std::vector<float> Logits(const FeatureMatrix& features);
  std::vector<float> LogitsInOrder(const FrameTransform& frames);
  std::vector<float> LogitsInWindows(const FrameTransform& frames);
  SlotBatch Window(const FrameTransform& frames, Index begin, Index end) const;
  std::vector<CtcHypothesis> Decode(std::span<const float> logits,
                                    const std::string& transcript) const;
  Index Steps(double seconds) const;

  const TrainedModel& trained_;
  const SpeechDecoder& decoder_;
  FrameOptions options_;
  SpeechOptions speech_;
  bool from_mfc_ = false;
  double frame_seconds_ = 0.01;
  Index threads_;
  UtteranceLoader loader_;
  std::unique_ptr<ScoreStream<float>> stream_;  // null if the model needs whole windows
  std::optional<SequenceScorer> scorer_;        // for such a model
  std::optional<TranscriptLabels> known_;       // with --align
};

}  // namespace lockstep
