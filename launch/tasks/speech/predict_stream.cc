#include "launch/tasks/speech/predict_stream.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <iostream>
#include <optional>

#include "base/error.h"
#include "base/log.h"
#include "data/speech/sound/audio_file.h"
#include "data/speech/sound/pcm_stream.h"
#include "data/speech/speech_features.h"
#include "launch/run/trained_model.h"
#include "launch/tasks/speech/speech_decoder.h"
#include "launch/tasks/speech/stream_lines.h"
#include "launch/tasks/speech/stream_recogniser.h"
#include "worker/comm/together.h"

namespace lockstep {
namespace {

constexpr double kPauseSeconds = 0.6;
constexpr double kShortestPause = 0.1, kLongestPause = 10;
constexpr const char* kInput = "standard input";

volatile std::sig_atomic_t is_asked_to_end = 0;
void AskToEnd(int) { is_asked_to_end = 1; }

// Ctrl-C ends the sound, so that its last words are still told. A reader that goes away must not
// kill the program without a word.
void WatchSignals() {
  struct sigaction end {};
  end.sa_handler = AskToEnd;  // without SA_RESTART: a read that waits returns
  for (const int signal : {SIGINT, SIGTERM}) sigaction(signal, &end, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
}

void CheckOptions(const Communicator& comm, const Options& options) {
  for (const char* name : {"audio", "audio-list", "manifest", "channel", "out", "align", "pictures",
                           "logits", "n-best"}) {
    if (options.Has(name)) {
      throw UsageError(
          "predict: --{} does not go with --stream, which reads one sound from "
          "standard input and writes to standard output",
          name);
    }
  }
  if (comm.size() > 1 || options.Number("threads", 1, 1) > 1) {
    throw UsageError(
        "predict --stream: a stream is computed by one thread of one rank: start it without mpirun "
        "and without --threads");
  }
  if (isatty(STDIN_FILENO) != 0) {
    throw UsageError(
        "predict --stream: standard input is a terminal, not sound; for example `arecord -q -f "
        "S16_LE -r 16000 -c 1 -t raw | lockstep predict --stream --run RUN`");
  }
}

// Listens until the sound ends.
class Listener {
 public:
  Listener(const Options& options, const TrainedModel& trained, const CorpusInfo& corpus,
           const SpeechDecoder& decoder)
      : trained_(trained),
        corpus_(corpus),
        decoder_(decoder),
        asked_(AskedFormat(options, corpus)),
        has_rate_(options.Has("rate")),
        has_encoding_(options.Has("encoding")),
        pause_(options.Real("endpoint", kPauseSeconds, kShortestPause, kLongestPause)),
        format_(ParseStreamFormat(options.Maybe("format").value_or("text"))),
        sound_(kInput, asked_) {
    Begin(asked_);
  }

  void Listen() {
    std::array<char, 1 << 15> bytes;
    for (Index got = 0; (got = Read(bytes)) > 0;) {
      sound_.Add(std::span(bytes).first(static_cast<std::size_t>(got)), &samples_);
      Recognise();
    }
    sound_.Finish(&samples_);
    Recognise();
    if (sound_.samples() == 0) {
      throw BadData("predict --stream: {} ended without a sample; is its program running?", kInput);
    }
    if (sound_.dropped_bytes() > 0) {
      LogWarning("{} ended within a sample: its last {} bytes are left out", kInput,
                 sound_.dropped_bytes());
    }
    recogniser_->Finish(&results_);
    Write();
  }

 private:
  static PcmFormat AskedFormat(const Options& options, const CorpusInfo& corpus) {
    const double rate = SoundOptionsOf(corpus).features.sample_rate;
    PcmFormat format;
    format.sample_rate = options.Number("rate", static_cast<Index>(rate), AudioFile::kLowestRate);
    if (format.sample_rate > AudioFile::kHighestRate) {
      throw UsageError("--rate is {}; allowed are {} to {} samples per second", format.sample_rate,
                       AudioFile::kLowestRate, AudioFile::kHighestRate);
    }
    format.encoding =
        PcmEncodingFromName(options.Maybe("encoding").value_or("s16le"), "--encoding");
    return format;
  }

  // Makes what listens to sound of this format, and tells how late it will know words. Before any
  // byte has come it is not known whether there is a header.
  void Begin(const PcmFormat& format) {
    recogniser_ =
        std::make_unique<StreamRecogniser>(trained_, corpus_, decoder_, format.sample_rate, pause_);
    const StreamLatency late = recogniser_->Latency();
    constexpr double kMs = 1000;
    std::cerr << fmt::format(
        "listening to {} at {} Hz{}; latency {:.0f} ms: step {:.0f}, features {:.0f}, window "
        "{:.0f}, look-ahead {:.0f}\n",
        PcmEncodingName(format.encoding), format.sample_rate,
        format.from_header ? ", as the WAV header says" : ", one channel, raw or WAV",
        kMs * late.Sum(), kMs * late.step, kMs * late.features, kMs * late.stacking,
        kMs * late.look_ahead);
    const double wanted = SoundOptionsOf(corpus_).features.sample_rate;
    if (static_cast<double>(format.sample_rate) >= wanted) return;
    LogWarning("{} Hz, the model was trained on {} Hz: its upper bands are empty, expect errors",
               format.sample_rate, wanted);
  }

  // A header that says something else than the options is either wrong or forgotten.
  void Follow(const PcmFormat& found) {
    has_format_ = true;
    if (!found.from_header) return;
    if (has_rate_ && found.sample_rate != asked_.sample_rate) {
      throw UsageError("--rate is {}, the WAV header on {} says {}: leave out --rate",
                       asked_.sample_rate, kInput, found.sample_rate);
    }
    if (has_encoding_ && found.encoding != asked_.encoding) {
      throw UsageError("--encoding is {}, the WAV header on {} says {}: leave out --encoding",
                       PcmEncodingName(asked_.encoding), kInput, PcmEncodingName(found.encoding));
    }
    if (found.sample_rate == asked_.sample_rate && found.encoding == asked_.encoding) return;
    Begin(found);
  }

  // The bytes that have come, at least one; 0 at the end.
  static Index Read(std::span<char> bytes) {
    while (is_asked_to_end == 0) {
      const ssize_t got = read(STDIN_FILENO, bytes.data(), bytes.size());
      if (got >= 0) return got;
      if (errno != EINTR) throw IoError(fmt::format("cannot read {}: {}", kInput, ErrnoText()));
    }
    return 0;
  }

  void Recognise() {
    if (!has_format_ && sound_.format()) Follow(*sound_.format());
    recogniser_->Add(samples_, &results_);
    samples_.clear();
    Write();
  }

  void Write() {
    const auto rate = static_cast<double>(sound_.format() ? sound_.format()->sample_rate : 1);
    const double heard = static_cast<double>(sound_.samples()) / rate;
    for (const StreamResult& result : results_) {
      const double time = std::min(heard, recogniser_->KnownAfter(result.step));
      std::cout << StreamLine(format_, result, time, recogniser_->step_seconds());
    }
    if (results_.empty()) return;
    results_.clear();
    if (!std::cout.flush()) {
      throw IoError(
          fmt::format("cannot write to standard output ({}); nobody reads the words", ErrnoText()));
    }
  }

  const TrainedModel& trained_;
  const CorpusInfo& corpus_;
  const SpeechDecoder& decoder_;
  PcmFormat asked_;
  bool has_rate_, has_encoding_, has_format_ = false;
  double pause_;
  StreamFormat format_;
  PcmStream sound_;
  std::unique_ptr<StreamRecogniser> recogniser_;
  std::vector<float> samples_;         // of one call
  std::vector<StreamResult> results_;  // of one call
};

}  // namespace

std::span<const OptionRow> StreamRows() {
  static constexpr OptionRow kRows[] = {
      {"stream",
       "transcribes sound from standard input while it comes, raw samples or WAV of one channel, "
       "and writes partial and final words to standard output",
       OptionKind::kSwitch},
      Rare({"rate N", "samples per second of raw sound for --stream; default: those of the run"}),
      Rare({"encoding NAME", "samples of raw sound for --stream: s16le or f32le; default s16le"}),
      Rare({"endpoint SECONDS",
            "pause after which --stream tells the words before it as final, from 0.1 to 10; "
            "default 0.6"}),
  };
  return kRows;
}

ExitCode PredictStream(const Communicator& comm, const Options& options, const CorpusInfo& corpus) {
  std::optional<SpeechDecoder> decoder;
  Together(comm, [&] {
    CheckOptions(comm, options);
    decoder.emplace(options, corpus);
  });
  const auto trained = LoadForPrediction(comm, options, corpus);
  WatchSignals();
  Listener(options, *trained, corpus, *decoder).Listen();
  return ExitCode::kDone;
}

}  // namespace lockstep
