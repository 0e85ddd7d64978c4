#include "launch/tasks/speech/stream_recogniser.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "data/speech/speech_features.h"
#include "launch/tasks/speech/recording_recogniser.h"

namespace lockstep {
namespace {

constexpr Index kMostSteps = 64;       // that the model computes at once
constexpr std::size_t kPiece = 16384;  // samples that become features at once

SoundOptions LiveOptionsOf(const CorpusInfo& corpus) {
  if (FeatureSourceOf(corpus) == UtteranceKind::kAudio) return SoundOptionsOf(corpus);
  throw UsageError(
      "predict --stream: the run was trained on feature files, so it is not known how to compute "
      "their features from sound: prepare a corpus of recordings, and train on it");
}

std::unique_ptr<ScoreStream<float>> Open(const TrainedModel& trained) {
  auto stream = trained.model->OpenStream(trained.values.data(), kMostSteps);
  if (stream != nullptr) return stream;
  throw UsageError(
      "predict --stream: the model of the run reads recordings backwards, too, so it must know "
      "their end: train one with model.bidirectional = false, and with model.lookahead, which lets "
      "it hear a little of what follows; or use --audio");
}

}  // namespace

StreamRecogniser::StreamRecogniser(const TrainedModel& trained, const CorpusInfo& corpus,
                                   const SpeechDecoder& decoder, Index rate, double pause_seconds)
    : trained_(trained),
      frame_seconds_(FrameSecondsOf(corpus)),
      step_seconds_(frame_seconds_ * static_cast<double>(trained.stream.frames.stride)),
      features_(LiveOptionsOf(corpus), rate),
      steps_(trained.stream.frames, features_.width()),
      scores_(Open(trained)) {
  const auto steps = [&](double seconds) {
    return std::max<Index>(1, static_cast<Index>(std::ceil(seconds / step_seconds_)));
  };
  segments_ = std::make_unique<StreamSegments>(
      decoder, StreamSegments::Options{trained.model->score_width(), steps(pause_seconds),
                                       steps(RecordingRecogniser::kMostSecondsDecoded)});
}

double StreamRecogniser::KnownAfter(Index step) const {
  return features_.KnownAfter(steps_.FramesNeeded(step + scores_->look_ahead()) - 1);
}

StreamLatency StreamRecogniser::Latency() const {
  StreamLatency latency;
  latency.step = step_seconds_;
  latency.features = features_.KnownAfter(0) - frame_seconds_;
  latency.stacking =
      static_cast<double>(steps_.FramesNeeded(0) - trained_.stream.frames.stride) * frame_seconds_;
  latency.look_ahead = static_cast<double>(scores_->look_ahead()) * step_seconds_;
  return latency;
}

void StreamRecogniser::Add(std::span<const float> samples, std::vector<StreamResult>* results) {
  while (!samples.empty()) {
    const auto piece = samples.first(std::min(samples.size(), kPiece));
    features_.Add(piece, &frames_);
    Score(false, results);
    samples = samples.subspan(piece.size());
  }
}

void StreamRecogniser::Finish(std::vector<StreamResult>* results) {
  features_.Finish(&frames_);
  Score(true, results);
  if (!has_frame_) throw BadData("the sound is too short for one frame");
  segments_->Finish(results);
}

// Hands on the frames that have come, at most kMostSteps steps at a time.
void StreamRecogniser::Score(bool ends, std::vector<StreamResult>* results) {
  has_frame_ = has_frame_ || !frames_.empty();
  steps_.Add(frames_, &inputs_);
  if (ends) steps_.Finish(&inputs_);
  frames_.clear();
  const Index width = steps_.output_width(), classes = trained_.model->score_width();
  const Index count = static_cast<Index>(inputs_.size()) / width;
  for (Index begin = 0; begin < count || (ends && begin == 0); begin += kMostSteps) {
    const Index end = std::min(count, begin + kMostSteps);
    SlotBatch part;
    part.sample_ids = {0};
    FieldBatch& field = part.fields.emplace_back();
    if (end > begin) part.layout = PackedLayout({end - begin});
    field.values = AlignedBuffer<float>((end - begin) * width);
    std::copy_n(inputs_.data() + begin * width, (end - begin) * width, field.values.data());
    const std::span<const float> found = scores_->Add(part, ends && end == count);
    for (Index at = 0; at < static_cast<Index>(found.size()); at += classes) {
      segments_->Add(found.subspan(static_cast<std::size_t>(at), static_cast<std::size_t>(classes)),
                     results);
    }
  }
  inputs_.clear();
}

}  // namespace lockstep
