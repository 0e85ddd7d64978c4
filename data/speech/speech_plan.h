// What is known of a corpus of speech before a sample of it is decoded: made from manifests and
// file headers by one rank, then shared. It cuts the work into chunks, each of which becomes one
// shard, so that neither ranks nor threads can be seen in the result.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "data/speech/manifests/manifest.h"
#include "data/speech/manifests/problem_list.h"
#include "data/speech/speech_options.h"

namespace lockstep {

// Utterances [begin, end) of a manifest, as far as they are of the split.
struct SpeechChunk {
  std::string split;
  int manifest = 0;  // its number in SpeechOptions::splits
  Index begin = 0;
  Index end = 0;
};

struct SpeechPlan {
  std::vector<std::string> splits;             // names, in the order of their sample ids
  std::vector<SpeechChunk> chunks;             // by split, then by place
  std::vector<std::string> held_out_speakers;  // sorted
  std::vector<UtterancePlace>
      bad;               // sorted; what manifests and headers showed, not looked at again
  Index base_width = 0;  // columns of features before deltas
  UtteranceKind source = UtteranceKind::kAudio;
  std::vector<std::string> unit_names;  // without the blank
  std::string unit_model;               // bytes of a SentencePiece model, or empty
  std::string manifests_hash;           // of what the manifests say and the headers show
  std::string hash;                     // of everything that decides the corpus

  std::string ToText() const;
  static SpeechPlan FromText(const std::string& text);
};

// Reads all manifests. What is wrong with single utterances goes to `problems`; an InputError is
// about all. Runs on options.threads threads.
SpeechPlan MakeSpeechPlan(const SpeechOptions& options, ProblemList& problems);

// The utterances of manifest `number`, from manifests or made up.
std::unique_ptr<ManifestReader> OpenSplit(const SpeechOptions& options, int number);
// The split of an utterance of this manifest and speaker.
const std::string& SplitOf(const SpeechOptions& options, const SpeechPlan& plan, int manifest,
                           const std::string& speaker);
// The units of a plan.
Units UnitsOf(const SpeechOptions& options, const SpeechPlan& plan);

}  // namespace lockstep
