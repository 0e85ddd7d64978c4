#include "launch/tasks/speech/predict_speech.h"

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <set>

#include "base/durable_file.h"
#include "base/error.h"
#include "base/file_names.h"
#include "base/log.h"
#include "base/phase_timer.h"
#include "data/corpus/sample_shards.h"
#include "data/corpus/shard_claims.h"
#include "data/speech/speech_features.h"
#include "launch/config/agreement.h"
#include "launch/run/corpus_fit.h"
#include "launch/tasks/speech/recording_recogniser.h"
#include "launch/tasks/speech/spectrogram_svg.h"
#include "launch/tasks/speech/speech_recognition.h"
#include "launch/tasks/speech/transcript_writer.h"

namespace lockstep {
namespace {

constexpr Index kPicturesOfASplit = 8;

// What both ways share: the model, the decoder, and where the results go.
struct SpeechPrediction {
  CorpusInfo corpus;  // of the run
  int threads = 1;
  std::unique_ptr<TrainedModel> trained;
  std::unique_ptr<SpeechDecoder> decoder;
  std::unique_ptr<TranscriptWriter> writer;
  std::string pictures;  // folder; empty: none
  FileNames picture_names;
};

SpeechPrediction Open(const Options& options, const CorpusInfo& corpus) {
  SpeechPrediction prediction;
  prediction.corpus = corpus;
  prediction.threads = static_cast<int>(options.Number("threads", 1, 1));
  prediction.decoder = std::make_unique<SpeechDecoder>(options, corpus);
  const TranscriptFormat format = ParseTranscriptFormat(options.Maybe("format").value_or("text"));
  if (options.Has("format") && !options.Has("out")) {
    throw UsageError("--format says how --out is written; there is no --out");
  }
  prediction.trained = LoadForPrediction(options, corpus);
  prediction.pictures = options.Maybe("pictures").value_or("");
  if (!prediction.pictures.empty()) MakeFolder(prediction.pictures);
  if (const auto out = options.Maybe("out")) {
    prediction.writer = std::make_unique<TranscriptWriter>(*out, format);
  }
  return prediction;
}

// "a/b/c.wav" -> "c"; blanks and parentheses, which not every transcript file takes, become
// underscores.
std::string IdOf(const std::string& path) {
  std::string id = std::filesystem::path(path).stem().string();
  for (std::size_t at = 0; (at = id.find_first_of(" \t\r\n()", at)) != id.npos;) id[at] = '_';
  return id;
}

// What a picture is drawn of.
struct Pictured {
  std::span<const float> features;  // [frames, width], before stacking
  Index width = 0;
  std::span<const float> logits;
  const Transcript* transcript = nullptr;
};

// Writes the picture as a file of the folder --pictures, named after the utterance.
void Draw(const Pictured& pictured, SpeechPrediction* prediction) {
  const CorpusInfo& corpus = prediction->corpus;
  const Index bins = SoundOptionsOf(corpus).mfc_width;
  std::vector<float> shown;  // without deltas
  for (std::size_t at = 0; at < pictured.features.size();
       at += static_cast<std::size_t>(pictured.width)) {
    const auto frame = pictured.features.subspan(at, static_cast<std::size_t>(bins));
    shown.insert(shown.end(), frame.begin(), frame.end());
  }
  const Index classes = prediction->trained->model->score_width();
  const LogPosteriors posteriors(pictured.logits, classes);
  const CtcHypothesis& best = pictured.transcript->hypotheses.front();
  SpectrogramPicture picture;
  picture.title = pictured.transcript->utterance + ": " + HypothesisText(best);
  picture.features = shown;
  picture.bins = bins;
  picture.feature_seconds = FrameSecondsOf(corpus);
  picture.posteriors = &posteriors;
  picture.frame_seconds = pictured.transcript->frame_seconds;
  picture.labels = corpus.classes();
  picture.words = best.words;
  if (FeatureSourceOf(corpus) != UtteranceKind::kAudio) {
    picture.bin_name = "feature";
    picture.value_name = "value";
  }
  const std::string& name = prediction->picture_names.Of(pictured.transcript->utterance);
  ReplaceDurably(prediction->pictures + "/" + name + ".svg", SpectrogramSvg(picture));
}

std::vector<std::string> RecordingsOf(const Options& options) {
  std::vector<std::string> paths = options.List("audio");
  std::set<std::string> ids;
  for (const std::string& path : paths) {
    if (!ids.insert(IdOf(path)).second && (options.Has("out") || options.Has("pictures"))) {
      throw UsageError("--audio: two recordings are called \"{}\"; give them different names",
                       IdOf(path));
    }
  }
  return paths;
}

// One recording: its text alone, for pipes. Several: name and text.
void PredictRecording(const std::string& path, bool with_name, SpeechPrediction* prediction,
                      RecordingRecogniser* recogniser) {
  const RecognisedRecording found = recogniser->Recognise(path, IdOf(path));
  const std::string text = HypothesisText(found.transcript.hypotheses.front());
  std::cout << (with_name ? path + "\t" : "") << text << std::endl;
  if (prediction->writer) prediction->writer->Add(found.transcript);
  if (prediction->pictures.empty()) return;
  Draw({found.features.values, found.features.columns, found.logits, &found.transcript},
       prediction);
}

// A bad recording is told, and does not cost the others.
ExitCode PredictRecordings(const Options& options, SpeechPrediction* prediction) {
  const std::vector<std::string> paths = RecordingsOf(options);
  RecordingRecogniser recogniser(*prediction->trained, prediction->corpus, *prediction->decoder,
                                 prediction->threads);
  if (options.Has("channel")) {
    constexpr Index kHighestChannel = 1023;
    recogniser.ChooseChannel(
        static_cast<int>(std::min(options.Number("channel", 0, 0), kHighestChannel)));
  }
  std::vector<InputError> problems;
  for (const std::string& path : paths) {
    try {
      PredictRecording(path, paths.size() > 1, prediction, &recogniser);
    } catch (const InputError& error) {
      if (paths.size() == 1) throw;
      LogError("{}", error.what());
      problems.push_back(error);
    }
  }
  if (prediction->writer && problems.size() < paths.size()) prediction->writer->Finish();
  if (problems.empty()) return ExitCode::kDone;
  throw InputError(
      problems.front().code(),
      fmt::format("{} of {} recordings could not be transcribed{}", problems.size(), paths.size(),
                  problems.size() < paths.size() ? "; the others were" : ""));
}

ExitCode PredictTranscripts(const Options& options, SpeechPrediction* prediction) {
  const std::string folder = options.Text("corpus");
  const CorpusInfo corpus = ReadCorpusInfo(folder);
  CheckShardFiles(folder, corpus);
  const std::string name = options.Maybe("split").value_or("test");
  const SplitInfo& split = corpus.Split(name);
  CheckSameFields(options.Text("run"), prediction->corpus, folder, corpus);
  const SplitSource source{folder, &corpus, name};
  SampleShards samples(folder, corpus, split);
  const double step_seconds =
      FrameSecondsOf(corpus) * static_cast<double>(prediction->trained->stream.frames.stride);
  const double start = Seconds();
  Index count = 0, drawn = 0;
  const Index slots = prediction->trained->stream.plan.slots;
  CheckSlots(1, prediction->threads, slots);
  const auto use = [&](const RecognisedUtterance& utterance) {
    const Transcript transcript{samples.NameOf(utterance.sample_id), 0, step_seconds,
                                utterance.hypotheses};
    if (prediction->writer) prediction->writer->Add(transcript);
    if (!prediction->pictures.empty() && drawn++ < kPicturesOfASplit) {
      Draw({samples.FeaturesOf(utterance.sample_id), corpus.leading().width, utterance.logits,
            &transcript},
           prediction);
    }
    ++count;
  };
  RecogniseSplit(source, *prediction->trained, *prediction->decoder, prediction->threads,
                 {0, slots}, use);
  if (prediction->writer) prediction->writer->Finish();
  std::cout << fmt::format("{} utterances of split {} with {}, {}, in {:.2f} s\n", count, name,
                           prediction->trained->path, prediction->decoder->Describe(),
                           Seconds() - start);
  return ExitCode::kDone;
}

}  // namespace

std::span<const OptionRow> PredictSpeechRows() {
  static constexpr OptionRow kOwn[] = {
      {"audio", "recordings to transcribe, WAV or FLAC, of any length", OptionKind::kWords},
      {"channel", "channel of recordings that have several, from 0; default: they must have one"},
      {"format", "form of the transcripts in --out: text, trn, ctm or jsonl; default text"},
      {"pictures",
       "folder for a picture (SVG) of each recording: spectrogram, posteriors and words; of a "
       "split, its first 8 utterances are drawn"},
  };
  static const std::vector<OptionRow> rows = [] {
    std::vector<OptionRow> all(std::begin(kOwn), std::end(kOwn));
    all.insert(all.end(), DecoderRows().begin(), DecoderRows().end());
    return all;
  }();
  return rows;
}

ExitCode PredictSpeech(const Options& options, const CorpusInfo& corpus) {
  if (options.Has("channel") && !options.Has("audio")) {
    throw UsageError("predict: --channel goes with --audio; a corpus has no channels");
  }
  if (options.Has("logits"))
    throw UsageError("predict: --logits does not go with --audio; it goes with --corpus");
  SpeechPrediction prediction = Open(options, corpus);
  return options.Has("audio") ? PredictRecordings(options, &prediction)
                              : PredictTranscripts(options, &prediction);
}

}  // namespace lockstep
