// Recordings and transcripts to a corpus of shards: survey, chunks, index. The bytes depend on the
// data and the options, never on ranks or threads. An interrupted import goes on where it was when
// it is started again with the same options and data; bad utterances are told all together.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "data/corpus/shard_format.h"
#include "data/speech/rank_group.h"
#include "data/speech/speech_options.h"

namespace lockstep {

// For telling the user what was done.
struct SpeechSummary {
  struct Split {
    Index utterances = 0;
    double seconds = 0;  // of sound, each utterance once
  };
  CorpusInfo info;  // rank 0
  std::map<std::string, Split> splits;
  Index skipped = 0;
  Index kept_chunks = 0;  // done by an interrupted import before
  Index chunks = 0;
  std::vector<std::string> held_out_speakers;
  double wall_seconds = 0;
  double new_seconds = 0;  // of sound that this import decoded itself, on all ranks
};

// Collective. Makes the corpus folder options.out, which all ranks see. The result is complete on
// rank 0. Errors may be thrown on one rank only: then the caller ends the others.
// BadData with all problems when more utterances are bad than may be left out; nothing but the
// folder FOLDER/.import is left then.
SpeechSummary PrepareSpeech(const SpeechOptions& options, const RankGroup& ranks);

}  // namespace lockstep
