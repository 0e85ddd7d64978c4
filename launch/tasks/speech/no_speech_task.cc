// The tasks of speech in a build with LOCKSTEP_SPEECH=OFF, which has none of the other sources of
// this folder: every use of them ends with an error that says so.
#include "base/error.h"
#include "launch/tasks/speech/speech_task.h"

namespace lockstep {
namespace {

[[noreturn]] void Refuse(const std::string& attempt) {
  throw UsageError(
      "{}: this build of lockstep has no speech; build it again with -DLOCKSTEP_SPEECH=ON, which "
      "needs the libraries sndfile and kissfft",
      attempt);
}

constexpr const char* kMoreSources[] = {"audio-list", "manifest", "stream"};

// Known, so that they are refused for what they are and not as mistyped.
constexpr OptionRow kPredictRows[] = {
    {"audio FILE", "not in this build: recordings to transcribe", OptionKind::kWords},
    {"audio-list FILE", "not in this build: file with names of recordings to transcribe"},
    {"manifest FILE", "not in this build: table of recordings to transcribe"},
    {"stream", "not in this build: transcribes sound from standard input", OptionKind::kSwitch},
};

}  // namespace

Task SpeechTask() {
  return {.kind = "speech",
          .summary = "not in this build: recordings with transcripts",
          .prepare = [](const Arguments&) -> ExitCode { Refuse("prepare speech"); },
          .prepares_on_ranks = true,
          .source = "audio",
          .more_sources = kMoreSources,
          .predict_rows = []() -> std::span<const OptionRow> { return kPredictRows; },
          .predict = [](const Communicator&, const Options&, const CorpusInfo&) -> ExitCode {
            Refuse("predict of recordings");
          },
          .predict_split = [](const Communicator&, const Options&, const CorpusInfo&) -> ExitCode {
            Refuse("predict of a speech corpus");
          },
          .scoring = [](const Options&, const CorpusInfo&) -> std::unique_ptr<Scoring> {
            Refuse("evaluate on a speech corpus");
          }};
}

Task LanguageModelTask() {
  return {.kind = "lm",
          .summary = "not in this build: a language model of words, for the decoder of speech",
          .prepare = [](const Arguments&) -> ExitCode { Refuse("prepare lm"); }};
}

double SpeechFrameSeconds(const CorpusInfo&) { Refuse("use of a speech corpus"); }

}  // namespace lockstep
