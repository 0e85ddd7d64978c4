// Counter-based random numbers: Philox4x32-10 (Salmon et al. 2011, "Parallel random numbers: as
// easy as 1, 2, 3"). A draw is a pure function of (seed, purpose, a, b, index); there is no state
// to save, and no rank or thread can come into it. What `a` and `b` mean depends on the purpose:
// epoch or step, sample or slot or parameter.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "base/types.h"

namespace lockstep {

// One number for each use of randomness; the value is part of the numerics and never reused.
enum class RandomPurpose : std::uint32_t {
  kInitialise = 1,   // a = parameter index
  kShardOrder = 2,   // a = epoch
  kSampleOrder = 3,  // a = epoch, b = window
  kBatchOrder = 4,   // a = epoch, b = window
  kDropout = 5,      // a = step, b = slot and layer
  kStrand = 6,       // a = epoch, index = sample id
  kGenome = 7,       // synthetic genomes: a = what is drawn
  kFrames = 8,       // augmentation of features: a = epoch, b = sample id
  kSpeech = 24,      // import: a = 0: held-out speakers; 1 + split, b = utterance; 100: noise
  kBootstrap = 32,   // confidence intervals: a = draw, index = place in the draw
  kNoise = 40,       // noise added to recordings: a = utterance, b = kind of noise
  kTextSplit = 48,   // splits of texts: a = what is drawn, b = file, index = line
  kTest = 1000,
};

class CounterRng {
 public:
  using Block = std::array<std::uint32_t, 4>;

  CounterRng(std::uint64_t seed, RandomPurpose purpose, std::uint64_t a = 0, std::uint64_t b = 0);

  // 128 random bits for this index.
  Block BlockAt(std::uint64_t index) const {
    Block counter{static_cast<std::uint32_t>(index), static_cast<std::uint32_t>(index >> 32), low_,
                  high_};
    return Philox(counter, key_);
  }
  // BlockAt(first + i) for i below kManyBlocks, in order: many at a time in vector registers, some
  // eight times as fast.
  static constexpr Index kManyBlocks = 64;
  void FillBlocks(std::uint64_t first, std::span<std::uint32_t, 4 * kManyBlocks> words) const;
  std::uint64_t Bits(std::uint64_t index) const {
    const Block block = BlockAt(index);
    return (static_cast<std::uint64_t>(block[0]) << 32) | block[1];
  }
  // Uniform in [0, 1), 53 random bits.
  double Uniform(std::uint64_t index) const {
    return static_cast<double>(Bits(index) >> 11) * 0x1.0p-53;
  }
  // Standard normal (Box-Muller).
  double Normal(std::uint64_t index) const;
  // Uniform in {0 .. n-1}; n > 0. The bias is below n / 2^64.
  std::uint64_t Below(std::uint64_t index, std::uint64_t n) const {
    return static_cast<std::uint64_t>((static_cast<Uint128>(Bits(index)) * n) >> 64);
  }
  // Fisher-Yates: `items` in an order that depends on this generator alone.
  template <typename T>
  void Shuffle(std::span<T> items) const {
    for (std::size_t i = items.size(); i > 1; --i) std::swap(items[i - 1], items[Below(i, i)]);
  }

  static Block Philox(Block counter, std::array<std::uint32_t, 2> key) {
    for (int round = 0; round < 10; ++round) {
      const std::uint64_t p0 = std::uint64_t{0xD2511F53u} * counter[0];
      const std::uint64_t p1 = std::uint64_t{0xCD9E8D57u} * counter[2];
      counter = {static_cast<std::uint32_t>(p1 >> 32) ^ counter[1] ^ key[0],
                 static_cast<std::uint32_t>(p1),
                 static_cast<std::uint32_t>(p0 >> 32) ^ counter[3] ^ key[1],
                 static_cast<std::uint32_t>(p0)};
      key[0] += 0x9E3779B9u;
      key[1] += 0xBB67AE85u;
    }
    return counter;
  }

 private:
  __extension__ using Uint128 = unsigned __int128;

  std::array<std::uint32_t, 2> key_;
  std::uint32_t low_;
  std::uint32_t high_;
};

}  // namespace lockstep
