#include "launch/tasks/speech/predict_speech_options.h"

#include "base/error.h"
#include "launch/tasks/speech/predict_stream.h"
#include "launch/tasks/speech/recording_list.h"
#include "launch/tasks/speech/speech_decoder.h"

namespace lockstep {

std::span<const OptionRow> PredictSpeechRows() {
  static constexpr OptionRow kOwn[] = {
      {"format FORM",
       "form of the transcripts: text, trn, ctm or jsonl; default text, with "
       "--align ctm; of the lines of --stream: text or jsonl"},
      {"align",
       "finds when the words of known transcripts are said, those of --manifest or of the split, "
       "instead of recognising words",
       OptionKind::kSwitch},
      Rare({"n-best N",
            "transcripts that the beam search gives for an utterance, from 1 to 100000, for "
            "--format jsonl; default 1"}),
      {"pictures FOLDER",
       "folder for a picture (SVG) of each recording: spectrogram, posteriors and words; of a "
       "split, its first 8 utterances are drawn"},
  };
  static const std::vector<OptionRow> rows = [] {
    std::vector<OptionRow> all(RecordingRows().begin(), RecordingRows().end());
    all.insert(all.end(), StreamRows().begin(), StreamRows().end());
    all.insert(all.end(), std::begin(kOwn), std::end(kOwn));
    all.insert(all.end(), DecoderRows().begin(), DecoderRows().end());
    return all;
  }();
  return rows;
}

void CheckSpeechOptions(const Options& options) {
  for (const char* name : {"rate", "encoding", "endpoint"}) {
    if (options.Has("stream") || !options.Has(name)) continue;
    throw UsageError("predict: --{} goes with --stream", name);
  }
  for (const char* name : {"manifest-format", "audio-root"}) {
    if (options.Has("manifest") || !options.Has(name)) continue;
    throw UsageError("predict: --{} goes with --manifest", name);
  }
  if (!options.Has("channel") || !options.Has("corpus")) return;
  throw UsageError("predict: --channel goes with --audio; a corpus has no channels");
}

}  // namespace lockstep
