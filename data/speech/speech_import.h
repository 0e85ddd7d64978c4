// Chunks of a plan to shards and an index: what all ranks do together once there is a plan.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "data/speech/import_journal.h"
#include "data/speech/rank_group.h"
#include "data/speech/speech_chunk.h"
#include "data/speech/speech_corpus.h"

namespace lockstep {

class SpeechImport {
 public:
  // All must outlive it.
  SpeechImport(const SpeechOptions& options, const RankGroup& ranks, const SpeechPlan& plan);

  // Collective. Computes what --normalise needs to know before any utterance can be normalised: the
  // statistics of the speakers over all chunks, or those of the training split.
  void GatherStatistics();
  // Collective. Writes the shards that the journal does not have.
  void WriteChunks();
  // Rank 0. Writes corpus.json, and removes the journal.
  void Finish(ProblemList& problems, SpeechSummary& summary) const;

  // Seconds of sound that this rank has decoded itself.
  double new_seconds() const { return new_seconds_; }

 private:
  std::size_t Chunks() const { return plan_.chunks.size(); }
  std::size_t World() const { return static_cast<std::size_t>(ranks_.size); }
  std::size_t Rank() const { return static_cast<std::size_t>(ranks_.rank); }
  // The number of chunks that GatherStatistics reads: the first ones.
  std::size_t MeasuredChunks() const;
  // The number of a chunk among those of its split.
  Index NumberInSplit(std::size_t chunk) const;
  ChunkRecord Describe(const std::vector<LoadedUtterance>& loaded);
  std::string WriteShard(std::size_t chunk, const std::vector<LoadedUtterance>& loaded,
                         Index first_sample_id);
  void WriteWave(std::size_t first_chunk);

  const SpeechOptions& options_;
  const RankGroup& ranks_;
  const SpeechPlan& plan_;
  Units units_;
  CorpusInfo header_;
  ImportJournal journal_;
  ChunkLoader loader_;
  SpeakerStatistics speakers_;
  std::map<std::string, Index> sequences_;  // written so far, by split; the same on all ranks
  Index bad_ = 0;                           // found so far, the same on all ranks
  double new_seconds_ = 0;
};

}  // namespace lockstep
