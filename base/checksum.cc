#include "base/checksum.h"

#include <algorithm>
#include <bit>
#include <cstddef>

#include "base/function_clones.h"

namespace lockstep {
namespace {

// Words are distributed to the lanes, one word per lane in each round. A lane keeps the sum of its
// words, and the sum of these sums over all rounds. In the latter, each word counts as often as
// there are rounds from its own on.
constexpr std::size_t kLanes = 32;

LOCKSTEP_CLONES
void AddRounds(std::size_t rounds, const float* values, std::uint64_t* sums,
               std::uint64_t* sums_of_sums) {
  std::uint64_t once[kLanes] = {}, again[kLanes] = {};
  for (std::size_t round = 0; round < rounds; ++round, values += kLanes) {
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      once[lane] += std::bit_cast<std::uint32_t>(values[lane]);
    }
    for (std::size_t lane = 0; lane < kLanes; ++lane) again[lane] += once[lane];
  }
  std::copy_n(once, kLanes, sums);
  std::copy_n(again, kLanes, sums_of_sums);
}

LOCKSTEP_CLONES
std::uint32_t LargestMagnitude(std::size_t count, const float* values) {
  std::uint32_t largest = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint32_t magnitude = std::bit_cast<std::uint32_t>(values[i]) & 0x7fffffffU;
    largest = magnitude > largest ? magnitude : largest;
  }
  return largest;
}

}  // namespace

// The result is a sum of words times factors, modulo 2^64. Every factor is odd, so a change of one
// word (by less than 2^32) always changes the result.
std::uint64_t ChecksumOf(std::span<const float> values) {
  constexpr std::uint64_t kOdd = 0x9e3779b97f4a7c15;  // 2^64 / golden ratio
  const std::size_t rounds = values.size() / kLanes;
  std::uint64_t sums[kLanes], sums_of_sums[kLanes];
  AddRounds(rounds, values.data(), sums, sums_of_sums);
  std::uint64_t checksum = 0;
  for (std::size_t lane = 0; lane < kLanes; ++lane) {
    const std::uint64_t odd = 2 * lane + 1;
    checksum += odd * kOdd * sums[lane] + 2 * odd * odd * odd * sums_of_sums[lane];
  }
  for (std::size_t i = rounds * kLanes; i < values.size(); ++i) {
    checksum += (2 * i + 1) * kOdd * kOdd * std::bit_cast<std::uint32_t>(values[i]);
  }
  return checksum;
}

bool AllFinite(std::span<const float> values) {
  constexpr std::uint32_t kInfinity = 0x7f800000;
  return LargestMagnitude(values.size(), values.data()) < kInfinity;
}

}  // namespace lockstep
