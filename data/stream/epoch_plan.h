// Decides which samples form which global batch. The plan is a pure function of (seed, epoch,
// corpus index): a resumed run computes its position instead of replaying the epoch, and every rank
// computes the same plan.
//
// The plan of an epoch:
//   1. The shards are shuffled. Consecutive shards form windows of at least `window_sequences`
//      samples; the last window may have fewer. Only one window is in memory at a time. If sources
//      have weights, what is shuffled are the copies of the shards (data/stream/sample_reads.h),
//      and a window also ends when its shards have `window_sequences` samples, read or not.
//   2. The samples of a window are shuffled, and then sorted by length (stable). If the window has
//      C > 1 copies of a shard, its samples are first divided into C groups, such that each copy of
//      a sample is in another one; otherwise copies, being equally long, would come together into
//      one batch.
//   3. They are cut into as few global batches of at most `batch_sequences` as possible, of
//      nearly equal size. If `batch_sequences` is a multiple of `slots`, so is the size of every
//      batch but the last. If the last batch cannot be divided evenly between slots, it gets
//      samples of all lengths.
//   4. The batches of the window are shuffled.
// Each sample is used exactly once per epoch, or as often as the weight of its source says. If
// samples are cut (data/stream/sample_cuts.h), their pieces take the place of samples above: they
// are counted, shuffled, sorted and divided like samples of their own.
//
// Within a batch, sequences are divided between slots so that slots cost the same
// (data/stream/slot_deal.h).
#pragma once

#include <functional>
#include <vector>

#include "data/batch/batch.h"
#include "data/corpus/shard_format.h"
#include "data/stream/sample_cuts.h"
#include "data/stream/sample_reads.h"
#include "data/stream/slot_deal.h"

namespace lockstep {

struct PlanOptions {
  std::uint64_t seed = 1;
  Index batch_sequences = 64;      // the most sequences of a global batch
  Index slots = 8;                 // slots of a global batch
  Index window_sequences = 65536;  // samples planned together; they take about 32 bytes each
  bool shuffle = true;             // false: the order of the corpus, for evaluation
  // By source of the corpus; empty: all have weight 1 (data/stream/sample_reads.h).
  std::vector<double> source_weights = {};
  // Longer samples are cut into pieces of this many steps; the borders are drawn anew in each
  // epoch, if `shuffle`. 0: samples are not cut.
  Index cut_steps = 0;
};

SampleCuts CutsOf(const PlanOptions& options);

// One global batch: for each slot its samples, longest first.
struct PlannedBatch {
  std::vector<std::vector<SampleRef>> slots;
  Index sequences = 0;
  Index steps = 0;
  Index target_steps = 0;  // of targets that have steps of their own
};

// The most sequences that a global batch of a split can have.
Index MostInBatch(const SplitInfo& split, const PlanOptions& options);

class EpochPlan {
 public:
  // `lengths_of(draw, shard)` must return the lengths that the records of a shard have in an epoch
  // and copy, given as DrawOf(epoch, copy). When a window is loaded, it is called once for each
  // copy of a shard in the window.
  using LengthsOf = std::function<std::vector<Index>(Index draw, Index shard)>;
  // `steps` has the steps of each record by shard (SplitShards::Lengths), and must outlive the
  // plan; needed only if samples are cut, because then the number of sequences in an epoch depends
  // on it. `target_steps_of` returns the lengths of targets that have steps of their own, which add
  // to the work of a slot; empty: there are none.
  EpochPlan(const SplitInfo& split, const PlanOptions& options, LengthsOf lengths_of,
            const std::vector<std::vector<Index>>* steps = nullptr, LengthsOf target_steps_of = {});

  // The number of global batches in an epoch, which depends on the index only; 0 is possible if all
  // weights are small. May be called while another thread is in BatchAt.
  Index StepsInEpoch(Index epoch) const;
  // The same position, or that of the next batch if it is at the end of its epoch. May be called
  // while another thread is in BatchAt.
  Cursor Normalised(Cursor cursor) const;
  // A copy of a shard, and the number of its samples, or of their pieces.
  struct ShardCopy {
    Index shard = 0;
    Index copy = 0;
    Index sequences = 0;
  };
  // The shards that are planned together, and the steps of the epoch that use their samples.
  struct Window {
    std::vector<Index> shards;  // each once
    std::vector<ShardCopy> copies;
    Index records = 0;     // samples of its shards, read or not
    Index sequences = 0;   // samples or pieces that are read, each as often as it is read
    Index first_step = 0;  // first step, counted within the epoch
    Index last_step = 0;   // one past the last step
  };
  // The windows of an epoch, which depend on the index only. May be called while another thread is
  // in BatchAt.
  std::vector<Window> WindowsOf(Index epoch) const;
  // The batch at this position, 0 <= step < StepsInEpoch. Valid until the next call. Loads the
  // window of the step, unless it was the one used last; only loading allocates.
  const PlannedBatch& BatchAt(const Cursor& cursor);

 private:
  Index WindowOf(Index step) const;
  void LoadEpoch(Index epoch);
  void LoadWindow(Index window);
  std::vector<ShardCopy> CopiesOf(Index epoch) const;
  void CountPieces(Index epoch, Index shard, std::vector<Index>* counts) const;
  std::uint64_t SampleId(Index shard, std::size_t record) const;
  void AddSamplesOf(const ShardCopy& copy);
  void ShuffleWindow(Index window);
  void MixLastBatch();
  // The index in samples_ of the first sample of a batch of the loaded window; for the batch after
  // the last one, the number of samples.
  Index BatchBegin(Index batch) const;

  const SplitInfo& split_;
  PlanOptions options_;
  LengthsOf lengths_of_, target_steps_of_;
  const std::vector<std::vector<Index>>* steps_;
  SampleReads reads_;
  SampleCuts cuts_;
  std::vector<Index> first_ids_;  // sample id of the first record of each shard
  Index loaded_epoch_ = -1;
  Index loaded_window_ = -1;
  std::vector<Window> windows_;  // of loaded_epoch_
  std::vector<std::uint16_t> reads_of_shard_;
  std::vector<SampleRef> samples_;  // samples of the loaded window, batch after batch
  std::vector<Index> batch_order_;
  SlotDealer dealer_;
  PlannedBatch planned_;
};

}  // namespace lockstep
