// Sums over arrays in memory that find changed bits at memory speed: 48 GB/s from the cache on one
// AVX-512 core, where XXH3 does 19. Files have hashes (base/hash.h).
#pragma once

#include <cstdint>
#include <span>

namespace lockstep {

// Any change of one value changes it, with certainty; of several, but for about one case in 2^64.
std::uint64_t ChecksumOf(std::span<const float> values);

// Whether no value is infinite or not a number; reads all of them.
bool AllFinite(std::span<const float> values);

}  // namespace lockstep
