#include "launch/tasks/speech/recording_recogniser.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/error.h"
#include "base/input_file.h"
#include "base/log.h"
#include "data/speech/sound/audio_file.h"
#include "data/speech/speaker_statistics.h"
#include "data/speech/speech_features.h"
#include "launch/tasks/speech/joined_hypotheses.h"
#include "launch/tasks/speech/pause_cut.h"

namespace lockstep {
namespace {

// Scratch is for speech that is made up, which no recording is.
constexpr const char* kNoScratch = "";

SpeechOptions SpeechOptionsOf(const CorpusInfo& corpus) {
  SpeechOptions options;
  options.sound = SoundOptionsOf(corpus);
  options.sound.allow_upsampling = true;
  options.sound.max_seconds = std::numeric_limits<double>::max();
  return options;
}

SlotBounds WindowBounds(Index steps) { return {1, steps, steps, {steps, 0}, {steps, 0}}; }

bool IsSound(const std::string& path) {
  const std::string mark = FirstBytes(path, 4);  // of a regular file
  return mark == "RIFF" || mark == "RIFX" || mark == "RF64" || mark == "fLaC";
}

// BadData for sound where the model reads features, and the other way round.
void RequireKind(const Utterance& utterance, bool from_mfc) {
  if (from_mfc && IsSound(utterance.path)) {
    throw BadData(
        "{}: is a recording, but the run was trained on MFC features: give it .mfc files that were "
        "computed like those of its corpus",
        utterance.path);
  }
  const bool is_ark = utterance.kind == UtteranceKind::kArk;
  const bool is_mfc = utterance.kind == UtteranceKind::kMfc || utterance.path.ends_with(".mfc");
  if (!is_ark && (from_mfc || !is_mfc)) return;
  throw BadData("{}: holds features{}, but the run was trained on {}: give it those",
                utterance.path, is_ark ? " of a Kaldi archive" : " (MFC)",
                from_mfc ? "MFC features" : "recordings (WAV or FLAC)");
}

}  // namespace

RecordingRecogniser::RecordingRecogniser(const TrainedModel& trained, const CorpusInfo& corpus,
                                         const SpeechDecoder& decoder, int threads)
    : trained_(trained),
      decoder_(decoder),
      options_(trained.stream.frames.WithoutAugmentation()),
      speech_(SpeechOptionsOf(corpus)),
      from_mfc_(FeatureSourceOf(corpus) == UtteranceKind::kMfc),
      frame_seconds_(FrameSecondsOf(corpus)),
      threads_(threads),
      loader_(speech_, kNoScratch),
      stream_(trained.model->OpenStream(trained.values.data(), Steps(kWindowSeconds))) {
  if (stream_ == nullptr) {
    scorer_.emplace(*trained.model, trained.values.data(),
                    WindowBounds(Steps(kWindowSeconds) + 2 * Steps(kContextSeconds)), threads);
  }
  if (decoder.aligns()) known_.emplace(corpus);
  if (FeatureSourceOf(corpus) == UtteranceKind::kArk) {
    throw UsageError(
        "the run was trained on features from Kaldi archives; it cannot compute them from a "
        "recording: prepare a corpus of them and use --corpus");
  }
}

Index RecordingRecogniser::Steps(double seconds) const {
  return static_cast<Index>(std::ceil(seconds / step_seconds()));
}

// Throws for several channels of which none was chosen; warns if the rate is too low.
void RecordingRecogniser::CheckSound(const Utterance& utterance) const {
  const std::string& path = utterance.path;
  const Index rate = AudioFile(path, utterance.channel).info().sample_rate;
  const auto wanted = static_cast<Index>(speech_.sound.features.sample_rate);
  if (rate >= wanted) return;
  LogWarning("{}: {} Hz, the model was trained on {} Hz: its upper bands are empty, expect errors",
             path, rate, wanted);
}

FeatureMatrix RecordingRecogniser::LoadFeatures(Utterance utterance) {
  RequireKind(utterance, from_mfc_);
  utterance.kind = from_mfc_ ? UtteranceKind::kMfc : UtteranceKind::kAudio;
  if (!from_mfc_) CheckSound(utterance);
  FeatureMatrix features = loader_.Load(utterance, {});
  NormaliseRecording(speech_.sound, features);
  return features;
}

RecognisedRecording RecordingRecogniser::Recognise(const Utterance& utterance) {
  RecognisedRecording found;
  found.features = LoadFeatures(utterance);
  found.logits = Logits(found.features);
  try {
    found.transcript = {utterance.id, 0, step_seconds(),
                        Decode(found.logits, utterance.transcript)};
  } catch (const InputError& error) {
    throw InputError(error.code(), fmt::format("{}: utterance \"{}\": {}", utterance.source,
                                               utterance.id, error.what()));
  }
  return found;
}

// Steps [begin, end) as a batch of one sequence.
SlotBatch RecordingRecogniser::Window(const FrameTransform& frames, Index begin, Index end) const {
  SlotBatch batch;
  batch.layout = PackedLayout({end - begin});
  batch.sample_ids = {static_cast<std::uint64_t>(begin)};
  FieldBatch& inputs = batch.fields.emplace_back();
  inputs.values = AlignedBuffer<float>((end - begin) * frames.output_width());
  for (Index step = begin; step < end; ++step) {
    frames.Stack(step, inputs.values.data() + (step - begin) * frames.output_width());
  }
  return batch;
}

std::vector<float> RecordingRecogniser::Logits(const FeatureMatrix& features) {
  FrameTransform frames(options_, 0, features.columns);
  frames.Apply(features.values, 0, 0, 0);
  return stream_ != nullptr ? LogitsInOrder(frames) : LogitsInWindows(frames);
}

// A model of one direction hands its states from window to window: the same bits as in one piece.
std::vector<float> RecordingRecogniser::LogitsInOrder(const FrameTransform& frames) {
  const Index steps = frames.steps(), window = Steps(kWindowSeconds);
  std::vector<float> logits;
  for (Index begin = 0; begin < steps; begin += window) {
    const Index end = std::min(steps, begin + window);
    const std::span<const float> found = stream_->Add(Window(frames, begin, end), end == steps);
    logits.insert(logits.end(), found.begin(), found.end());
  }
  return logits;
}

// As many windows at a time as threads. Each window gives the steps between its contexts.
std::vector<float> RecordingRecogniser::LogitsInWindows(const FrameTransform& frames) {
  const Index steps = frames.steps(), classes = trained_.model->score_width();
  const Index window = Steps(kWindowSeconds), context = Steps(kContextSeconds);
  std::vector<float> logits;
  for (Index first = 0; first < steps; first += threads_ * window) {
    std::vector<SlotBatch> batches;
    const Index end = std::min(steps, first + threads_ * window);
    for (Index begin = first; begin < end; begin += window) {
      batches.push_back(Window(frames, std::max<Index>(0, begin - context),
                               std::min(steps, begin + window + context)));
    }
    Index begin = first;
    for (const SequenceScores& found : scorer_->Score(batches)) {
      const Index skipped = begin - static_cast<Index>(found.sample_id);
      const Index kept = std::min(window, steps - begin);
      const auto from = found.values.begin() + skipped * classes;
      logits.insert(logits.end(), from, from + kept * classes);
      begin += window;
    }
  }
  return logits;
}

std::vector<CtcHypothesis> RecordingRecogniser::Decode(std::span<const float> logits,
                                                       const std::string& transcript) const {
  const Index classes = trained_.model->score_width();
  const Index steps = static_cast<Index>(logits.size()) / classes;
  const Index most = Steps(kMostSecondsDecoded);
  const auto part = [&](Index begin, Index end) {
    return LogPosteriors(logits.subspan(static_cast<std::size_t>(begin * classes),
                                        static_cast<std::size_t>((end - begin) * classes)),
                         classes);
  };
  if (known_) return {decoder_.Align(part(0, steps), known_->Encode(transcript))};
  if (steps <= most) return decoder_.Decode(part(0, steps));
  std::vector<CtcHypothesis> whole(1);
  for (Index begin = 0; begin < steps;) {
    const bool fits = steps - begin <= most;
    const Index end =
        fits ? steps
             : begin + CutInPause(logits.subspan(static_cast<std::size_t>(begin * classes),
                                                 static_cast<std::size_t>(most * classes)),
                                  classes);
    whole = JoinedHypotheses(whole, decoder_.Decode(part(begin, end)), begin,
                             decoder_.most_hypotheses());
    begin = end;
  }
  return whole;
}

}  // namespace lockstep
