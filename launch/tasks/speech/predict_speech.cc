#include "launch/tasks/speech/predict_speech.h"

#include <algorithm>
#include <iostream>

#include "base/durable_file.h"
#include "base/error.h"
#include "base/file_names.h"
#include "base/log.h"
#include "base/phase_timer.h"
#include "base/work_progress.h"
#include "data/corpus/sample_shards.h"
#include "data/speech/speech_features.h"
#include "launch/frame/shared_files.h"
#include "launch/output/cell_text.h"
#include "launch/run/corpus_fit.h"
#include "launch/run/ordered_work.h"
#include "launch/tasks/speech/known_transcripts.h"
#include "launch/tasks/speech/predict_speech_options.h"
#include "launch/tasks/speech/predict_stream.h"
#include "launch/tasks/speech/recording_list.h"
#include "launch/tasks/speech/recording_recogniser.h"
#include "launch/tasks/speech/recording_result.h"
#include "launch/tasks/speech/speech_recognition.h"
#include "launch/tasks/speech/transcript_writer.h"
#include "launch/tasks/speech/utterance_picture.h"
#include "worker/comm/together.h"

namespace lockstep {
namespace {

constexpr Index kPicturesOfASplit = 8;

// What both ways share: the model, the decoder, and where the results go.
struct SpeechPrediction {
  CorpusInfo corpus;  // of the run
  int threads = 1;
  std::unique_ptr<TrainedModel> trained;
  std::unique_ptr<SpeechDecoder> decoder;
  std::unique_ptr<TranscriptWriter> writer;  // rank 0; none: texts alone on standard output
  std::string pictures;                      // folder; empty: none
  FileNames picture_names;
};

// Recordings of which nothing but the texts is wanted get a shorter form.
bool WritesFormat(const Options& options) {
  return options.Has("corpus") || options.Has("out") || options.Has("format") ||
         options.Has("align");
}

// Collective.
void Open(const Communicator& comm, const Options& options, SpeechPrediction* prediction) {
  Together(comm, [&] {
    CheckAlignOptions(options);
    if (options.Has("logits"))
      throw UsageError("predict: --logits does not go with --audio; it goes with --corpus");
    prediction->threads = static_cast<int>(options.Number("threads", 1, 1));
    prediction->decoder = std::make_unique<SpeechDecoder>(options, prediction->corpus);
    const TranscriptFormat format = ParseTranscriptFormat(
        options.Maybe("format").value_or(options.Has("align") ? "ctm" : "text"));
    if (options.Has("n-best") && format != TranscriptFormat::kJsonl)
      throw UsageError("predict: --n-best goes with --format jsonl, which alone holds them");
    prediction->pictures = options.Maybe("pictures").value_or("");
    if (comm.rank() != 0) return;
    if (!prediction->pictures.empty()) MakeFolder(prediction->pictures);
    if (options.Has("out")) options.Text("out");  // not empty
    if (WritesFormat(options)) {
      prediction->writer = std::make_unique<TranscriptWriter>(options.Maybe("out"), format);
    }
  });
  prediction->trained = LoadForPrediction(comm, options, prediction->corpus);
}

// Collective.
void Finish(const Communicator& comm, SpeechPrediction* prediction) {
  Together(comm, [&] {
    if (prediction->writer) prediction->writer->Finish();
  });
}

// Rank 0: a file of the folder --pictures, named after the utterance.
void WritePicture(const std::string& utterance, const std::string& svg,
                  SpeechPrediction* prediction) {
  const std::string& name = prediction->picture_names.Of(utterance);
  ReplaceDurably(prediction->pictures + "/" + name + ".svg", svg);
}

RecordingResult Recognise(const Utterance& utterance, const SpeechPrediction& prediction,
                          RecordingRecogniser* recogniser) {
  RecordingResult result;
  try {
    if (!utterance.problem.empty()) throw BadData("{}: {}", utterance.source, utterance.problem);
    RecognisedRecording found = recogniser->Recognise(utterance);
    if (!prediction.pictures.empty()) {
      result.picture = PictureOf(
          {found.features.values, found.features.columns, found.logits, &found.transcript},
          prediction.corpus);
    }
    result.transcript = std::move(found.transcript);
  } catch (const InputError& error) {
    result.code = error.code();
    result.problem = error.what();
  }
  return result;
}

// How the threads of a rank are used: each for a recording of its own, or, where there are fewer
// recordings than threads, several for one.
struct ThreadUse {
  int recordings = 1;
  int each = 1;
};
ThreadUse UseOf(Index recordings, int ranks, int threads) {
  const Index each = std::clamp<Index>(Index{ranks} * threads / recordings, 1, threads);
  return {static_cast<int>(threads / each), static_cast<int>(each)};
}

// Rank 0: gives out recordings and writes what came of them.
class RecordingChunks {
 public:
  RecordingChunks(const Options& options, SpeechPrediction* prediction)
      : prediction_(*prediction),
        tells_texts_(options.Has("out") || !WritesFormat(options)),
        list_(ListRecordings(options)) {}

  Index size() const { return std::ssize(list_); }

  std::optional<std::string> Next() {
    if (next_ == list_.size()) return std::nullopt;
    return ToBytes(list_[next_++].utterance);
  }

  // Without --format and --out, one recording: its text alone, for pipes. Several: name and text.
  void Use(Index number, const RecordingResult& result) {
    if (result.code != ExitCode::kDone) return TellProblem(result);
    if (tells_texts_) {
      const std::string text = CellText(HypothesisText(result.transcript.hypotheses.front()));
      const std::string name = CellText(list_[static_cast<std::size_t>(number)].shown);
      std::cout << (size() > 1 ? name + "\t" : "") << text << std::endl;
    }
    if (prediction_.writer && !WriteTranscript(result.transcript)) return;
    if (!prediction_.pictures.empty())
      WritePicture(result.transcript.utterance, result.picture, &prediction_);
  }

  // Throws if there was a bad recording.
  void Finish() {
    const Index bad = std::ssize(problems_);
    if (prediction_.writer && bad < size()) prediction_.writer->Finish();
    if (bad == 0) return;
    throw InputError(problems_.front(),
                     fmt::format("{} of {} recordings could not be transcribed{}", bad, size(),
                                 bad < size() ? "; the others were" : ""));
  }

 private:
  void TellProblem(const RecordingResult& result) {
    if (size() == 1) throw InputError(result.code, result.problem);
    LogError("{}", result.problem);
    problems_.push_back(result.code);
  }

  // An id that the format cannot hold is a problem of its recording alone.
  bool WriteTranscript(const Transcript& transcript) {
    const auto problem = prediction_.writer->WhyNot(transcript.utterance);
    if (!problem) {
      prediction_.writer->Add(transcript);
      return true;
    }
    RecordingResult result;
    result.code = ExitCode::kBadData;
    result.problem = *problem;
    TellProblem(result);
    return false;
  }

  SpeechPrediction& prediction_;
  const bool tells_texts_;  // standard output has no other form of them
  const std::vector<ListedRecording> list_;
  std::size_t next_ = 0;
  std::vector<ExitCode> problems_;
};

ExitCode PredictRecordings(const Communicator& comm, const Options& options,
                           SpeechPrediction* prediction) {
  std::optional<RecordingChunks> chunks;
  std::vector<std::unique_ptr<RecordingRecogniser>> recognisers;
  Together(comm, [&] {
    if (comm.rank() == 0) chunks.emplace(options, prediction);
  });
  const Index count = comm.Max(chunks ? chunks->size() : 0);
  const ThreadUse use = UseOf(count, comm.size(), prediction->threads);
  Together(comm, [&] {
    for (int member = 0; member < use.recordings; ++member) {
      recognisers.push_back(std::make_unique<RecordingRecogniser>(
          *prediction->trained, prediction->corpus, *prediction->decoder, use.each));
    }
  });
  WorkProgress progress("predict");
  OrderedJob job;
  job.next = [&] { return chunks->Next(); };
  job.work = [&](int member, Index, const std::string& input) {
    return ToBytes(Recognise(UtteranceFromBytes(input), *prediction,
                             recognisers[static_cast<std::size_t>(member)].get()));
  };
  job.use = [&](Index number, const std::string& result) {
    chunks->Use(number, RecordingResultFromBytes(result));
    progress.Tell(static_cast<double>(number + 1) / static_cast<double>(count),
                  [&] { return fmt::format("{} of {} recordings", number + 1, count); });
  };
  WorkInOrder(comm, use.recordings, job);
  Together(comm, [&] {
    if (chunks) chunks->Finish();
  });
  return ExitCode::kDone;
}

ExitCode PredictTranscripts(const Communicator& comm, const Options& options,
                            SpeechPrediction* prediction) {
  const std::string folder = options.Text("corpus");
  const CorpusInfo corpus = ReadSharedCorpus(comm, folder);
  const std::string name = options.Maybe("split").value_or("test");
  Together(comm, [&] {
    corpus.Split(name);
    CheckSameFields(options.Text("run"), prediction->corpus, folder, corpus);
  });
  SampleShards samples(folder, corpus, corpus.Split(name));
  const double step_seconds =
      FrameSecondsOf(corpus) * static_cast<double>(prediction->trained->stream.frames.stride);
  const double start = Seconds();
  Index count = 0, unwritten = 0;
  const auto use = [&](const RecognisedUtterance& utterance) {
    const Transcript transcript{samples.NameOf(utterance.sample_id), 0, step_seconds,
                                utterance.hypotheses};
    if (const auto problem = prediction->writer->WhyNot(transcript.utterance)) {
      LogError("{}", *problem);
      ++unwritten;
      return;
    }
    prediction->writer->Add(transcript);
    if (!prediction->pictures.empty() && count < kPicturesOfASplit) {
      const Pictured pictured{samples.FeaturesOf(utterance.sample_id), corpus.leading().width,
                              utterance.logits, &transcript};
      WritePicture(transcript.utterance, PictureOf(pictured, prediction->corpus), prediction);
    }
    ++count;
  };
  RecogniseSplit(comm, "predict", {folder, &corpus, name}, *prediction->trained,
                 *prediction->decoder, prediction->threads,
                 prediction->pictures.empty() ? 0 : kPicturesOfASplit, use);
  Together(comm, [&] {
    if (count == 0 && unwritten > 0)
      throw BadData("none of the {} transcripts could be written", unwritten);
  });
  Finish(comm, prediction);
  Together(comm, [&] {
    if (unwritten == 0) return;
    throw BadData("{} of {} transcripts could not be written; the others were", unwritten,
                  count + unwritten);
  });
  if (comm.rank() != 0) return ExitCode::kDone;
  const std::string summary = fmt::format("{} utterances of split {} with {}, {}, in {:.2f} s",
                                          count, name, PathText(prediction->trained->path),
                                          prediction->decoder->Describe(), Seconds() - start);
  if (options.Has("out")) {
    std::cout << summary << std::endl;
  } else {
    LogInfo("{}", summary);
  }
  return ExitCode::kDone;
}

}  // namespace

ExitCode PredictSpeech(const Communicator& comm, const Options& options, const CorpusInfo& corpus) {
  Together(comm, [&] { CheckSpeechOptions(options); });
  if (options.Has("stream")) return PredictStream(comm, options, corpus);
  SpeechPrediction prediction;
  prediction.corpus = corpus;
  Open(comm, options, &prediction);
  return options.Has("corpus") ? PredictTranscripts(comm, options, &prediction)
                               : PredictRecordings(comm, options, &prediction);
}

}  // namespace lockstep
