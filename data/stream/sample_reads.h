// How often each sample of a split is read in an epoch, if its sources have weights. With weight w,
// it is read floor(w) times, and once more with probability w - floor(w). That is decided by a
// random number of (seed, epoch, sample id) alone, so it depends neither on ranks and threads nor
// on how the epoch was reached; over many epochs a sample is read w times per epoch on average.
//
// The reads of a sample in an epoch are numbered: its copies 0, 1, ... Copy c of a shard consists
// of the samples of the shard that are read more than c times. So an epoch can be planned as a list
// of (shard, copy), none of which is larger than its shard.
#pragma once

#include <cstdint>
#include <vector>

#include "data/corpus/shard_format.h"

namespace lockstep {

// Keeps the number of copies of a shard small, which the plan of an epoch lists.
inline constexpr double kMostSourceWeight = 1000;

// The most reads of a sample in an epoch, at least 1; 1 without weights.
Index MostReads(const std::vector<double>& source_weights);

// The number that stands for the epoch in random changes of a sample (strand, augmentation), so
// that its copies are changed differently. That of copy 0 is the epoch.
inline Index DrawOf(Index epoch, Index copy) { return epoch + (copy << 40); }

// Samples and steps that are read in an epoch of training, on average over epochs.
struct EpochSize {
  double sequences = 0;
  double steps = 0;
};
// `weights` are PlanOptions::source_weights.
EpochSize MeanEpochSize(const CorpusInfo& corpus, const std::vector<double>& weights);

class SampleReads {
 public:
  // `weights` has one number in [0, kMostSourceWeight] for each source of the corpus, or is empty:
  // every sample is read once. `split` must outlive this.
  SampleReads(const SplitInfo& split, const std::vector<double>& weights, std::uint64_t seed);

  // True if every sample is read once in every epoch.
  bool all_once() const { return stretches_.empty(); }

  // Sets `reads` to how often each record of a shard is read in an epoch. Takes some nanoseconds
  // per record.
  void Draw(Index epoch, Index shard, std::vector<std::uint16_t>* reads) const;

  // Sets `samples` to the number of samples in copies 0, 1, ... of a shard; no number is 0.
  void CountCopies(Index epoch, Index shard, std::vector<Index>* samples) const;

 private:
  // Samples that follow each other and have the same weight.
  struct Stretch {
    Index end = 0;  // index in the split, one past the last sample
    double weight = 1;
  };

  const SplitInfo& split_;
  std::uint64_t seed_;
  std::vector<Stretch> stretches_;
  std::vector<Index> first_;  // index in the split of the first sample of each shard
};

}  // namespace lockstep
