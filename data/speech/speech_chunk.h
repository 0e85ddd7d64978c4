// One chunk of an import: loads its utterances by a team of threads, and keeps a record of the
// result, from which an interrupted import can continue.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/thread_team.h"
#include "data/speech/speaker_statistics.h"
#include "data/speech/speech_plan.h"
#include "data/speech/utterance_loader.h"
#include "data/speech/word_times.h"

namespace lockstep {

// The features of one copy of an utterance (CopyOptions), which becomes one sample.
struct LoadedCopy {
  std::string name;
  FeatureMatrix features;
  std::vector<std::int32_t> labels;
  std::vector<WordStart> words;  // where its words begin (word_times.h); empty: not known
};

struct LoadedUtterance {
  UtterancePlace place;
  Utterance utterance;
  std::vector<LoadedCopy> copies;
  std::vector<std::int32_t> labels;
  double seconds = 0;   // length of the sound at speed 1, or of the frames of a feature file
  std::string problem;  // if not empty, only this, place and utterance are valid
};

// Loads chunks, which must come in ascending order. Owns the threads.
class ChunkLoader {
 public:
  // `options`, `plan` and `units` must outlive the loader. `scratch` is the prefix of the names of
  // temporary files.
  ChunkLoader(const SpeechOptions& options, const SpeechPlan& plan, const Units& units,
              const std::string& scratch);

  // Loads the utterances of a chunk, in the order of the manifest, without those in plan.bad. If
  // `speakers` is null, the features are not normalised, and no splices are made.
  std::vector<LoadedUtterance> Load(const SpeechChunk& chunk, const SpeakerStatistics* speakers);

 private:
  std::vector<LoadedUtterance> ReadManifest(const SpeechChunk& chunk);
  void LoadOne(UtteranceLoader& loader, bool with_copies, const SpeakerStatistics* speakers,
               LoadedUtterance& loaded) const;
  std::vector<WordStart> WordsOf(const LoadedUtterance& loaded, const FeatureMatrix& features,
                                 double speed) const;
  void CheckFit(const LoadedUtterance& loaded) const;

  const SpeechOptions& options_;
  const SpeechPlan& plan_;
  const Units& units_;
  WordTimes times_;  // of --ctm
  ThreadTeam team_;
  std::vector<std::unique_ptr<UtteranceLoader>> loaders_;
  std::unique_ptr<ManifestReader> reader_;
  UtterancePlace next_;  // the place of the utterance that reader_ will return next
};

// The result of a chunk, which is kept in a file until the corpus is complete.
struct ChunkRecord {
  struct Problem {
    UtterancePlace place;
    std::string source;
    std::string id;
    std::string text;
  };
  std::string plan_hash;
  Index sequences = 0;   // samples in its shard
  Index utterances = 0;  // utterances without a problem
  Index with_words = 0;  // those whose words are known to begin at certain frames
  double seconds = 0;
  std::vector<Problem> problems;
  std::string corpus;  // a corpus.json of its shard only; empty if no shard was written

  std::string ToText() const;
  static ChunkRecord FromText(const std::string& text);
};

}  // namespace lockstep
