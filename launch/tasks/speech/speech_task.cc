#include "launch/tasks/speech/speech_task.h"

#include "data/speech/speech_features.h"
#include "launch/tasks/speech/predict_speech.h"
#include "launch/tasks/speech/predict_speech_options.h"
#include "launch/tasks/speech/prepare_lm.h"
#include "launch/tasks/speech/prepare_speech.h"
#include "launch/tasks/speech/rare_words.h"
#include "launch/tasks/speech/speech_decoder.h"
#include "launch/tasks/speech/speech_parts.h"
#include "launch/tasks/speech/speech_scoring.h"

namespace lockstep {

namespace {

constexpr const char* kMoreSources[] = {"audio-list", "manifest", "stream"};

}  // namespace

Task SpeechTask() {
  return {.kind = "speech",
          .summary = "recordings with transcripts",
          .prepare = PrepareSpeechVerb,
          .prepares_on_ranks = true,
          .training_warning = RareWords,
          .source = "audio",
          .more_sources = kMoreSources,
          .predict_usage =
              "  lockstep predict --run RUN --audio a.wav b.flac --format ctm --out words.ctm\n"
              "  find calls -name '*.wav' | lockstep predict --run RUN --audio - --out calls.txt\n"
              "  arecord -q -f S16_LE -r 16000 -c 1 -t raw | lockstep predict --run RUN --stream\n"
              "  mpirun -n 4 lockstep predict --run RUN --manifest calls.tsv --out calls.txt\n"
              "  lockstep predict --run RUN --corpus SPEECH --split test --format trn --out "
              "test.trn\n",
          .predict_rows = PredictSpeechRows,
          .predict = PredictSpeech,
          .predict_split = PredictSpeech,
          .evaluate_usage =
              "  lockstep evaluate --run RUN --corpus SPEECH --lm words.arpa --words words.txt\n",
          .evaluate_rows = DecoderRows,
          .scoring = MakeSpeechScoring,
          .report_parts = MakeSpeechParts};
}

Task LanguageModelTask() {
  return {.kind = "lm",
          .summary = "a language model of words from text, for the decoder of speech",
          .prepare = PrepareLm};
}

double SpeechFrameSeconds(const CorpusInfo& corpus) { return FrameSecondsOf(corpus); }

}  // namespace lockstep
