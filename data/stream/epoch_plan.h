// Which samples make up which global batch: a pure function of (seed, epoch, corpus index), so that
// a resume is arithmetic, not replay, and every rank computes the same plan.
//
// Shards are shuffled. Consecutive shards form a window of at least `window_sequences` samples (the
// last may have fewer). The samples of a window are shuffled, sorted by length (stable), cut into
// as few global batches of at most `batch_sequences` as hold them, of equal size in whole slots but
// for the last, and the batches shuffled. A last batch that leaves slots with different numbers of
// sequences takes them from all lengths. Each sample is used exactly once an epoch. Only one window
// is in memory at a time.
//
// Within a batch, sequences are dealt to slots of equal cost (data/stream/slot_deal.h).
#pragma once

#include <functional>
#include <vector>

#include "data/batch/batch.h"
#include "data/corpus/shard_format.h"
#include "data/stream/slot_deal.h"

namespace lockstep {

struct PlanOptions {
  std::uint64_t seed = 1;
  Index batch_sequences = 64;      // of a global batch
  Index slots = 8;                 // a global batch is cut in so many
  Index window_sequences = 65536;  // samples planned together; bounds memory (about 32 bytes each)
  bool shuffle = true;             // off: corpus order, for evaluation
};

// One global batch: for each slot its samples, longest first.
struct PlannedBatch {
  std::vector<std::vector<SampleRef>> slots;
  Index sequences = 0;
  Index steps = 0;
};

class EpochPlan {
 public:
  // `lengths_of(epoch, shard)` gives the lengths that the records of a shard have in an epoch; it
  // is asked once a window.
  using LengthsOf = std::function<std::vector<Index>(Index epoch, Index shard)>;
  EpochPlan(const SplitInfo& split, const PlanOptions& options, LengthsOf lengths_of);

  // Global batches in this epoch: from the index alone. May be called while another thread is in
  // BatchAt.
  Index StepsInEpoch(Index epoch) const;
  // Shards that are planned together, and the steps that their batches are.
  struct Window {
    std::vector<Index> shards;
    Index sequences = 0;
    Index first_step = 0;  // in the epoch
    Index last_step = 0;   // exclusive
  };
  // The windows of an epoch, from the index alone; as StepsInEpoch.
  std::vector<Window> WindowsOf(Index epoch) const;
  // The batch at this position, 0 <= step < StepsInEpoch. Cheap when the window is the one last
  // asked for. Valid until the next call; allocates only when a window is loaded.
  const PlannedBatch& BatchAt(const Cursor& cursor);

 private:
  Index WindowOf(Index step) const;
  void LoadEpoch(Index epoch);
  void LoadWindow(Index window);
  void AddSamplesOf(Index shard);
  void ShuffleWindow(Index window);
  void MixLastBatch();
  // First sample of a batch of the loaded window, in the order of samples_; of the batch after the
  // last, their number.
  Index BatchBegin(Index batch) const;

  const SplitInfo& split_;
  PlanOptions options_;
  LengthsOf lengths_of_;
  Index loaded_epoch_ = -1;
  Index loaded_window_ = -1;
  std::vector<Window> windows_;     // of loaded_epoch_
  std::vector<SampleRef> samples_;  // of the loaded window, batch after batch
  std::vector<Index> batch_order_;
  SlotDealer dealer_;
  PlannedBatch planned_;
};

}  // namespace lockstep
