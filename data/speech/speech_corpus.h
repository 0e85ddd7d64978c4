// Turns recordings and transcripts into a corpus, in three phases: a survey of all files, then
// chunks of utterances that become one shard each, then the index. The bytes of the corpus depend
// on the data and the options only, not on ranks or threads. An interrupted import continues if it
// is started again with the same options and data. All bad utterances are reported together.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "data/corpus/shard_format.h"
#include "data/speech/rank_group.h"
#include "data/speech/speech_options.h"

namespace lockstep {

// What was done, to be shown to the user.
struct SpeechSummary {
  struct Split {
    Index utterances = 0;
    double seconds = 0;  // length of the sound, each utterance counted once
    // Utterances between whose words crops can be cut (SpeechOptions::knows_words). Does not count
    // those that a program of release 0.1.0 or older imported, whose interrupted import went on.
    Index with_words = 0;
  };
  CorpusInfo info;  // on rank 0 only
  std::map<std::string, Split> splits;
  FrameStore noise;  // files that were written beside the shards, on rank 0 only
  FrameStore rooms;
  Index skipped = 0;      // bad utterances that were left out
  Index kept_chunks = 0;  // chunks that an interrupted import had finished
  Index chunks = 0;
  std::vector<std::string> held_out_speakers;  // those of the split "valid"
  std::vector<std::string> test_speakers;
  double wall_seconds = 0;
  double new_seconds = 0;  // length of the sound that this import decoded, on all ranks together
};

// Collective. Makes the corpus folder options.out, which must be visible to all ranks. The result
// is complete on rank 0 only. An error may be thrown on one rank only; the caller must then end the
// others. BadData that lists all problems if more utterances are bad than options.skip_bad; then
// only the folder OUT/.import remains, and the files of noise and rooms.
SpeechSummary PrepareSpeech(const SpeechOptions& options, const RankGroup& ranks);

}  // namespace lockstep
