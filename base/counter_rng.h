// Counter-based random numbers: Philox4x32-10 (Salmon et al. 2011, "Parallel random numbers: as
// easy as 1, 2, 3"). A random number is a pure function of (seed, purpose, a, b, index); there is
// no state to save, and it cannot depend on ranks or threads. The meaning of `a` and `b` depends on
// the purpose: epoch or step, sample or slot or parameter.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "base/types.h"

namespace lockstep {

// One value for each use of randomness. Changing a value changes the results of training; the value
// of a removed use is not used again.
enum class RandomPurpose : std::uint32_t {
  kInitialise = 1,    // a = parameter index
  kShardOrder = 2,    // a = epoch
  kSampleOrder = 3,   // a = epoch, b = window
  kBatchOrder = 4,    // a = epoch, b = window
  kDropout = 5,       // a = step, b = slot and place (worker/layers/dropout_key.h)
  kStrand = 6,        // a = epoch, b = piece, index = sample id
  kGenome = 7,        // synthetic genomes: a = kind of draw
  kFrames = 8,        // augmentation of features: a = epoch, b = sample id
  kSpeech = 24,       // import: a = 0: held-out speakers; 1 + split, b = utterance; 100: noise
  kBootstrap = 32,    // confidence intervals: a = draw, index = place in the draw
  kNoise = 40,        // noise added to recordings: a = utterance, b = kind of noise
  kTextSplit = 48,    // splits of texts: a = kind of draw, b = file, index = line
  kSourceReads = 56,  // weights of sources: a = epoch, index = sample id
  kSampleCuts = 64,   // borders of pieces: a = epoch, index = sample id
  kMusic = 72,        // made-up music: a = piece
  kGenerate = 73,     // generated sequences: a = sample, b = step, index = label
  kSampling = 88,     // scheduled sampling: a = step, b = slot, index = row
  kTest = 1000,
};

class CounterRng {
 public:
  using Block = std::array<std::uint32_t, 4>;

  CounterRng(std::uint64_t seed, RandomPurpose purpose, std::uint64_t a = 0, std::uint64_t b = 0);

  // The 128 random bits of this index.
  Block BlockAt(std::uint64_t index) const {
    Block counter{static_cast<std::uint32_t>(index), static_cast<std::uint32_t>(index >> 32), low_,
                  high_};
    return Philox(counter, key_);
  }
  // Sets `words` to BlockAt(first + i) for i = 0 .. kManyBlocks - 1, in order. Uses vector
  // registers and is about eight times as fast as single calls.
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
  // Shuffles `items` (Fisher-Yates). The order depends on this generator and the count only.
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
