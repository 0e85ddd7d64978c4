// How often each sample of a split is read in an epoch, if its sources have weights. With weight w,
// it is read floor(w) times, and once more with probability w - floor(w). That is decided by a
// random number of (seed, epoch, sample id) alone, so it depends neither on ranks and threads nor
// on how the epoch was reached; over many epochs a sample is read w times per epoch on average.
//
// A corpus that was joined (data/corpus/joined_corpus.h) has exactly R = SplitInfo::joined_reads
// reads in each epoch: each of its n samples floor(R / n) of them, and m = R mod n samples one
// more. Shards draw on their own, so each must know how many of these m fall to it: samples 0 .. k
// - 1 have floor((k m + u) / n) of them together, with u drawn from 0 .. n - 1 for each epoch, so
// the shard with samples k .. l - 1 has the difference for l and k. In the shard they are the
// samples with the smallest random numbers, those of (seed, epoch, sample id). So a sample is read
// R / n times per epoch on average, as with weights, and the sum over shards is exactly R
// (systematic sampling, Madow 1949).
//
// The reads of a sample in an epoch are numbered: its copies 0, 1, ... Copy c of a shard consists
// of the samples of the shard that are read more than c times. So an epoch can be planned as a list
// of (shard, copy), none of which is larger than its shard.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "data/corpus/shard_format.h"

namespace lockstep {

// Keeps the number of copies of a shard small, which the plan of an epoch lists.
inline constexpr double kMostSourceWeight = 1000;

// The memory that SampleReads::Draw takes for each record of a shard of a joined corpus, in bytes.
inline constexpr Index kExactDrawBytes = 16;

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
  // every sample is read once. The weight of a joined corpus is R / n; a shard of it has samples of
  // no other source. `split` must outlive this.
  SampleReads(const SplitInfo& split, const std::vector<double>& weights, std::uint64_t seed);

  // True if every sample is read once in every epoch.
  bool all_once() const { return stretches_.empty(); }

  // Sets `reads` to how often each record of a shard is read in an epoch. Takes some nanoseconds
  // per record; in a joined corpus some tens, and kExactDrawBytes.
  void Draw(Index epoch, Index shard, std::vector<std::uint16_t>* reads) const;

  // Sets `samples` to the number of samples in copies 0, 1, ... of a shard; no number is 0.
  void CountCopies(Index epoch, Index shard, std::vector<Index>* samples) const;

 private:
  // Samples that follow each other and have the same weight.
  struct Stretch {
    Index end = 0;  // index in the split, one past the last sample
    double weight = 1;
    Index sequences = 0;     // number of samples
    Index exact_reads = -1;  // of a joined corpus: its reads in an epoch; -1: any other source
  };
  static Stretch StretchOf(const SplitInfo& split, const std::vector<double>& weights,
                           const SourceRun& run);
  void DrawExact(Index epoch, const Stretch& stretch, Index first,
                 std::span<std::uint16_t> reads) const;

  const SplitInfo& split_;
  std::uint64_t seed_;
  std::vector<Stretch> stretches_;
  std::vector<Index> first_;  // index in the split of the first sample of each shard
};

}  // namespace lockstep
