// Matrices of the tests of products: as they are stored, with gaps behind the rows, and their
// shapes.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <string>

#include "base/aligned_buffer.h"
#include "base/counter_rng.h"
#include "base/error.h"
#include "base/types.h"

namespace lockstep {

inline constexpr Index kWorkspaceBytes = 16 << 20;

// A matrix as stored: `gap` unused elements, not numbers, end each row.
template <typename S>
struct Stored {
  Stored(Index stored_rows, Index stored_cols, Index gap, std::uint64_t seed)
      : rows(stored_rows), cols(stored_cols), stride(stored_cols + gap), values(rows * stride + 8) {
    const CounterRng rng(seed, RandomPurpose::kTest);
    std::fill_n(values.data(), values.size(), std::numeric_limits<S>::quiet_NaN());
    for (Index i = 0; i < rows * cols; ++i) {
      at(i / cols, i % cols) = static_cast<S>(rng.Normal(static_cast<std::uint64_t>(i)));
    }
  }
  S& at(Index r, Index c) { return values[r * stride + c]; }
  S at(Index r, Index c) const { return values[r * stride + c]; }
  S* data() { return values.data(); }
  const S* data() const { return values.data(); }

  Index rows, cols, stride;
  AlignedBuffer<S> values;
};

struct Shape {
  Index m, n, k, gap;
};
// Below, at and above the tile, the blocks and the depth of a block; odd k; nothing at all.
inline constexpr Shape kShapes[] = {
    {1, 1, 1, 0},     {2, 3, 5, 0},    {7, 1, 3, 2},      {1, 17, 9, 1},   {5, 4, 0, 3},
    {0, 4, 3, 0},     {3, 0, 2, 0},    {33, 31, 65, 0},   {64, 48, 32, 5}, {3, 129, 67, 3},
    {201, 103, 7, 1}, {9, 50, 385, 0}, {197, 20, 193, 2}, {8, 1100, 3, 1}, {200, 5, 1100, 0},
    {9, 70, 2501, 1}, {20, 40, 64, 0}, {59, 17, 31, 2},   {31, 80, 97, 0}, {4, 64, 64, 0}};

template <typename S>
bool SameBits(S a, S b) {
  return std::memcmp(&a, &b, sizeof(S)) == 0;
}

template <typename S>
Stored<S> Copy(const Stored<S>& from) {
  Stored<S> copy(from.rows, from.cols, from.stride - from.cols, 0);
  std::copy_n(from.data(), from.values.size(), copy.data());
  return copy;
}

template <typename S>
void ExpectSameBits(const Stored<S>& found, const Stored<S>& expected, const std::string& what) {
  for (Index i = 0; i < found.values.size(); ++i) {
    ASSERT_TRUE(SameBits(found.values[i], expected.values[i]))
        << what << ": element " << i << " is " << found.values[i] << ", expected "
        << expected.values[i];
  }
}

inline std::string Text(const Shape& s) {
  return fmt::format("m {} n {} k {} gap {}", s.m, s.n, s.k, s.gap);
}

}  // namespace lockstep
