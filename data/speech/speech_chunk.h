// One chunk of the work: its utterances loaded by a team of threads, and the record of what became
// of it, which is what an interrupted import goes on from.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/thread_team.h"
#include "data/speech/speaker_statistics.h"
#include "data/speech/speech_plan.h"
#include "data/speech/utterance_loader.h"

namespace lockstep {

// One sample to be.
struct LoadedCopy {
  std::string name;
  FeatureMatrix features;
};

struct LoadedUtterance {
  UtterancePlace place;
  Utterance utterance;
  std::vector<LoadedCopy> copies;
  std::vector<std::int32_t> labels;
  double seconds = 0;   // of sound at speed 1; of frames for feature files
  std::string problem;  // not empty: nothing else but place and utterance counts
};

// Loads chunks in ascending order. Owns the threads.
class ChunkLoader {
 public:
  // All must outlive the loader. `scratch` is a prefix for temporary files.
  ChunkLoader(const SpeechOptions& options, const SpeechPlan& plan, const Units& units,
              const std::string& scratch);

  // In the order of the manifest, without those of plan.bad. `speakers` may be null: the features
  // are not normalised then.
  std::vector<LoadedUtterance> Load(const SpeechChunk& chunk, const SpeakerStatistics* speakers);

 private:
  std::vector<LoadedUtterance> ReadManifest(const SpeechChunk& chunk);
  void LoadOne(UtteranceLoader& loader, bool with_copies, const SpeakerStatistics* speakers,
               LoadedUtterance& loaded) const;
  void CheckFit(const LoadedUtterance& loaded) const;

  const SpeechOptions& options_;
  const SpeechPlan& plan_;
  const Units& units_;
  ThreadTeam team_;
  std::vector<std::unique_ptr<UtteranceLoader>> loaders_;
  // Where the reader stands.
  std::unique_ptr<ManifestReader> reader_;
  UtterancePlace next_;
};

// What became of a chunk; kept in a file until the corpus is complete.
struct ChunkRecord {
  struct Problem {
    UtterancePlace place;
    std::string source;
    std::string id;
    std::string text;
  };
  std::string plan_hash;
  Index sequences = 0;   // samples in its shard
  Index utterances = 0;  // good ones
  double seconds = 0;
  std::vector<Problem> problems;
  std::string corpus;  // corpus.json as if its shard were all; empty: no shard was written

  std::string ToText() const;
  static ChunkRecord FromText(const std::string& text);
};

}  // namespace lockstep
