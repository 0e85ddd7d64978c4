// The plan of an import of speech. One rank makes it from the manifests and the headers of all
// files, before any sound is decoded, and sends it to all ranks. It divides the work into chunks,
// each of which becomes one shard, so that the result does not depend on the number of ranks and
// threads.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "data/speech/manifests/manifest.h"
#include "data/speech/manifests/problem_list.h"
#include "data/speech/speech_options.h"

namespace lockstep {

// The utterances of a split among the utterances [begin, end) of a manifest.
struct SpeechChunk {
  std::string split;
  int manifest = 0;  // index in SpeechOptions::splits
  Index begin = 0;
  Index end = 0;
};

struct SpeechPlan {
  std::vector<std::string> splits;             // names, in the order of their sample ids
  std::vector<SpeechChunk> chunks;             // sorted by split, then by place
  std::vector<std::string> held_out_speakers;  // those for validation, sorted
  std::vector<std::string> test_speakers;      // sorted
  // Sorted. Utterances that are bad according to manifests and headers; they are not opened again.
  std::vector<UtterancePlace> bad;
  Index base_width = 0;  // columns of features before deltas
  UtteranceKind source = UtteranceKind::kAudio;
  std::vector<std::string> unit_names;  // without the blank
  std::string unit_model;               // bytes of a SentencePiece model, or empty
  std::string manifests_hash;           // hash of the contents of manifests and headers
  std::string channels_hash;            // hash of the channels that manifests name; empty: none
  std::string hash;                     // hash of everything that decides the corpus

  std::string ToText() const;
  // BadData for what is no whole number; also the exceptions of nlohmann::json.
  static SpeechPlan FromText(const std::string& text);
};

// Reads all manifests and headers. Faults of single utterances are added to `problems`; InputError
// is thrown for faults that concern all. Runs on options.threads threads.
SpeechPlan MakeSpeechPlan(const SpeechOptions& options, ProblemList& problems);

// Opens manifest number `number`, or the synthetic one in its place.
std::unique_ptr<ManifestReader> OpenSplit(const SpeechOptions& options, int number);
// The split to which an utterance of this manifest and speaker belongs.
const std::string& SplitOf(const SpeechOptions& options, const SpeechPlan& plan, int manifest,
                           const std::string& speaker);
// The units of a plan.
Units UnitsOf(const SpeechOptions& options, const SpeechPlan& plan);

}  // namespace lockstep
