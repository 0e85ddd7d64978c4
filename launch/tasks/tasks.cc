#include "launch/tasks/tasks.h"

#include <array>

#include "data/speech/speech_features.h"
#include "launch/tasks/dna/prepare_dna.h"
#include "launch/tasks/speech/prepare_lm.h"
#include "launch/tasks/speech/prepare_speech.h"
#include "launch/tasks/text/prepare_text.h"

namespace lockstep {

std::span<const Importer> Importers() {
  static constexpr std::array<Importer, 4> kImporters = {{
      {"dna", "genomes with annotations, or a synthetic genome: a label for each base",
       PrepareDnaVerb},
      {"speech", "recordings with transcripts", PrepareSpeechVerb},
      {"text", "texts with one label each", PrepareTextVerb},
      {"lm", "a language model of words from text, for the decoder of speech", PrepareLm},
  }};
  return kImporters;
}

void NameUnit(CorpusInfo* corpus) {
  if (corpus->kind == "dna") corpus->schema.unit = "bases";
  if (corpus->kind != "speech") return;
  corpus->schema.unit = "frames";
  corpus->schema.seconds_per_step = FrameSecondsOf(*corpus);
}

}  // namespace lockstep
