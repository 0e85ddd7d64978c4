#include "worker/comm/zero_blocks.h"

#include <algorithm>
#include <cstring>

#include "base/aligned_buffer.h"
#include "base/error.h"

namespace lockstep {
namespace {

constexpr Index kBits = 32;  // of a word, which takes the place of one element
static_assert(sizeof(std::uint32_t) == sizeof(float));

Index BlocksOf(Index elements) {
  return RoundUp(elements, ZeroBlocks::kBlock) / ZeroBlocks::kBlock;
}
Index WordsOf(Index blocks) { return RoundUp(blocks, kBits) / kBits; }

// The last block of an array may be shorter than the others.
Index SizeOf(Index block, Index elements) {
  return std::min(ZeroBlocks::kBlock, elements - block * ZeroBlocks::kBlock);
}

bool IsZero(const float* values, Index count) {
  std::uint32_t any = 0;
  for (Index i = 0; i < count; ++i) {
    std::uint32_t bits;
    std::memcpy(&bits, values + i, sizeof(bits));
    any |= bits;
  }
  return any == 0;
}

}  // namespace

ZeroBlocks::ZeroBlocks(Index most) : bits_(static_cast<std::size_t>(WordsOf(BlocksOf(most)))) {}

bool ZeroBlocks::Has(Index block) const {
  return (bits_[static_cast<std::size_t>(block / kBits)] >> (block % kBits) & 1) != 0;
}

Index ZeroBlocks::Pack(std::span<float> values) {
  const Index count = std::ssize(values), blocks = BlocksOf(count), words = WordsOf(blocks);
  LOCKSTEP_CHECK(words <= std::ssize(bits_));
  std::fill_n(bits_.begin(), words, 0u);
  Index kept = 0;
  for (Index block = 0; block < blocks; ++block) {
    const Index size = SizeOf(block, count);
    if (IsZero(values.data() + block * kBlock, size)) continue;
    bits_[static_cast<std::size_t>(block / kBits)] |= 1u << (block % kBits);
    kept += size;
  }
  if (kept + words >= count) return count;
  float* to = values.data();
  for (Index block = 0; block < blocks; ++block) {
    if (!Has(block)) continue;
    const float* const from = values.data() + block * kBlock;
    to = std::copy(from, from + SizeOf(block, count), to);  // `to` never lies behind `from`
  }
  std::memcpy(to, bits_.data(), static_cast<std::size_t>(words) * sizeof(float));
  return kept + words;
}

// From the last block to the first, each of which moves towards the end or stays.
void ZeroBlocks::Unpack(std::span<float> values, Index received) {
  const Index count = std::ssize(values), blocks = BlocksOf(count), words = WordsOf(blocks);
  if (received == count) return;
  LOCKSTEP_CHECK(received >= words && received < count && words <= std::ssize(bits_));
  const float* from = values.data() + (received - words);
  std::memcpy(bits_.data(), from, static_cast<std::size_t>(words) * sizeof(float));
  for (Index block = blocks - 1; block >= 0; --block) {
    const Index size = SizeOf(block, count);
    float* const to = values.data() + block * kBlock;
    if (Has(block)) {
      LOCKSTEP_CHECK(from - values.data() >= size);
      from -= size;
      std::memmove(to, from, static_cast<std::size_t>(size) * sizeof(float));
    } else {
      std::fill_n(to, size, 0.0f);
    }
  }
  LOCKSTEP_CHECK(from == values.data());
}

}  // namespace lockstep
