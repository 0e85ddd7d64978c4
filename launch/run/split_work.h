// Goes through a split of a corpus on all threads of all ranks: its batches are cut into slots as
// the plan of the stream says, each slot is read and computed by one thread, and rank 0 gets what
// came of it in order of batches and slots. Ranks and threads may be any number.
//
// Tables of shards are read by rank 0 for all ranks, window by window (trainer/evaluation/
// shared_tables.h); records are read by the rank that computes with them.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/work_progress.h"
#include "data/stream/batch_reader.h"
#include "data/stream/epoch_plan.h"
#include "data/stream/sequence_parts.h"
#include "data/stream/stream_options.h"
#include "launch/run/ordered_work.h"
#include "trainer/evaluation/shared_tables.h"

namespace lockstep {

class SplitWork {
 public:
  // What the thread `member` makes of a slot: of its parts where sequences come in parts
  // (StreamOptions::part_steps), else of the whole slot. A slot may hold no sequence.
  using Work = std::function<std::string(int member, const std::vector<SlotBatch>& parts)>;
  // Rank 0: takes the result of a slot; all slots of a batch come one after another.
  using Use = std::function<void(Index slot, const std::string& result)>;

  // Collective if samples are cut. All must outlive it. `options` are those of EvaluationStream.
  // UsageError for an empty split.
  SplitWork(const Communicator& comm, const std::string& folder, const CorpusInfo& corpus,
            const std::string& split, const StreamOptions& options, int threads);

  // Bounds of the parts that Work gets.
  const SlotBounds& bounds() const { return bounds_; }
  const StreamOptions& options() const { return options_; }

  // Only the first batches of the split, with about this number of sequences; 0: all. On all ranks
  // alike, before Run.
  void StopAfter(Index sequences) { most_sequences_ = sequences; }

  // Collective. Once. `verb` begins the lines of progress.
  void Run(const std::string& verb, const Work& work, const Use& use);

 private:
  void RunWindow(const EpochPlan::Window& window, const Work& work, const Use& use);
  const std::vector<SlotBatch>& Read(int member, Index batch, Index slot);
  Index LastBatch() const;
  void DeliverTables(const EpochPlan::Window& window);

  const Communicator& comm_;
  const StreamOptions options_;
  const int threads_;
  const SplitInfo& split_;
  SharedShards shared_;
  BatchReader reader_;
  EpochPlan plan_;
  SlotBounds bounds_;
  SequenceParts parts_;
  std::mutex reading_;  // guards plan_, reader_ and parts_ while threads read
  struct Place {
    std::unique_ptr<RankBatch> whole;  // one slot
    std::vector<SlotBatch> parts;      // what it is cut into, where there are parts
  };
  std::vector<Place> places_;  // one per thread
  WorkProgress* progress_ = nullptr;
  Index most_sequences_ = 0;
};

// The stream for work that does not add up anything by slots, such as writing the scores of each
// sequence: a few sequences at a time, in the order of the corpus, so that many threads have work.
StreamOptions SmallBatches(const StreamOptions& training);

}  // namespace lockstep
