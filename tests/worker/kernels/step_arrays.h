// The arrays of one step of a cell, filled with random numbers, as a kernel takes them. Each array
// starts `shift` elements after a 64-byte border.
#pragma once

#include <array>
#include <cstring>

#include "base/aligned_buffer.h"
#include "base/counter_rng.h"
#include "worker/kernels/cell_step.h"

namespace lockstep {

template <typename S>
class StepArrays {
 public:
  StepArrays(Index rows, Index hidden, Index gates, Index shift)
      : rows_(rows), hidden_(hidden), shift_(shift) {
    for (std::size_t a = 0; a < kArrays; ++a) {
      width_[a] = (a < kWideArrays ? gates : 1) * hidden;
      arrays_[a] = AlignedBuffer<S>(shift + RowsOf(a) * width_[a]);
    }
  }

  // Standard normal numbers; gates of a backward step are rather between 0 and 1, but kernels are
  // defined for all.
  void Draw(std::uint64_t seed) {
    for (std::size_t a = 0; a < kArrays; ++a) {
      const CounterRng rng(seed, RandomPurpose::kTest, a);
      for (Index i = 0; i < RowsOf(a) * width_[a]; ++i) {
        At(a)[i] = static_cast<S>(rng.Normal(static_cast<std::uint64_t>(i)));
      }
    }
  }

  // A copy of row b, alone.
  StepArrays Row(Index b, Index shift) const {
    StepArrays row(1, hidden_, width_[0] / hidden_, shift);
    for (std::size_t a = 0; a < kArrays; ++a) {
      std::copy_n(At(a) + (a < kBiases ? 0 : b) * width_[a], width_[a], row.At(a));
    }
    return row;
  }
  // Whether all arrays hold the same bits as row b of `many`.
  bool EqualsRow(const StepArrays& many, Index b) const {
    bool equal = true;
    for (std::size_t a = 0; a < kArrays; ++a) {
      const S* expected = many.At(a) + (a < kBiases ? 0 : b) * width_[a];
      const std::size_t bytes = static_cast<std::size_t>(width_[a]) * sizeof(S);
      equal = equal && std::memcmp(At(a), expected, bytes) == 0;
    }
    return equal;
  }

  CellStep<S> Step() {
    CellStep<S> step;
    step.rows = rows_;
    step.hidden = hidden_;
    step.bias_x = At(0);
    step.bias_h = At(1);
    step.gates = gates();
    step.recurrent = At(3);
    step.memory = memory();
    step.memory_prev = At(5);
    step.h_prev = At(6);
    step.h_prev_stride = hidden_;
    step.h = h();
    step.h_stride = hidden_;
    step.d_out = At(8);
    step.d_out_stride = hidden_;
    step.d_h = At(9);
    step.d_memory = At(10);
    // For layer normalisation; the gradients are sums over rows, so no array of a row has them.
    step.cell_gain = At(0);
    step.cell_bias = At(1);
    row_sums_ = AlignedBuffer<S>(2 * hidden_);
    step.d_cell_gain = row_sums_.data();
    step.d_cell_bias = row_sums_.data() + hidden_;
    return step;
  }
  S* gates() { return At(2); }
  S* memory() { return At(4); }
  S* h() { return At(7); }

 private:
  static constexpr std::size_t kBiases = 2;      // one row, whatever the number of rows
  static constexpr std::size_t kWideArrays = 3;  // biases, gates: G*H wide
  static constexpr std::size_t kArrays = 11;

  Index RowsOf(std::size_t a) const { return a < kBiases ? 1 : rows_; }
  S* At(std::size_t a) { return arrays_[a].data() + shift_; }
  const S* At(std::size_t a) const { return arrays_[a].data() + shift_; }

  Index rows_, hidden_, shift_;
  std::array<AlignedBuffer<S>, kArrays> arrays_;
  std::array<Index, kArrays> width_{};
  AlignedBuffer<S> row_sums_;
};

}  // namespace lockstep
