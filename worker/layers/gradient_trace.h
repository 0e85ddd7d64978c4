// How large the gradient of the loss is at the states of recurrent layers, by the distance in time
// from where the loss is to the state: the picture in which a vanishing gradient is seen (Bengio et
// al. 1994; Pascanu et al. 2013, arXiv:1211.5063).
//
// For sequence b of a slot with the loss L_b (a sum over its targets), layers keep
//   hidden  |dL_b / dh_t|^2, where h_t is the output of step t: what comes from above and what
//   comes
//           from the next step
//   memory  |dL_b / dc_t|^2, LSTM only: what comes from the next step through its cell state c_t,
//           with h_t held fixed. Together the two are the gradient of the state that step t hands
//           on.
// The distance of step t is counted against the direction of reading: end_b - t for the forward
// direction, where end_b is the last step, and t for the reverse direction.
//
// A loss of one target per step reaches every state directly, which hides what comes from later
// steps. There, KeepLastTarget drops the gradients of all targets but the last one of a sequence,
// whose step is then end_b; and only the forward direction is kept.
#pragma once

#include <vector>

#include "data/batch/batch.h"

namespace lockstep {

// The distances that are kept: all below 64, and then 32 between a power of two and the next. So a
// million steps have 512.
class TimeDistances {
 public:
  // Those that sequences of up to `steps` steps have.
  explicit TimeDistances(Index steps);
  const std::vector<Index>& all() const { return all_; }
  // The place of a distance in all(), or -1 if it is not kept.
  Index PlaceOf(Index distance) const;

 private:
  std::vector<Index> all_;
};

// The sums of one slot; they are added in double, in the order of the sequences. It allocates
// nothing after construction, except for the ends of more sequences than it has met.
class GradientTrace {
 public:
  // `has_memory`: the cells are those of an LSTM. `distances` must outlive it.
  GradientTrace(Index layers, Index directions, bool has_memory, const TimeDistances* distances);

  // Begins a slot: all sums are zero, and the loss is at the last step of each sequence.
  void Begin(const PackedLayout& layout);
  // Sets all rows of d_y [rows, width], the gradient of features, to zero, but for the last row of
  // each sequence that is not zero. The distance is counted from that row on.
  template <typename S>
  void KeepLastTarget(const PackedLayout& layout, Index width, S* d_y);

  // Backward tells where it is: in a direction of a layer, and then at each of its steps. d_out has
  // `stride` elements from row to row; d_h and d_memory are [active(t), H].
  void EnterLayer(Index layer) { layer_ = layer; }
  void EnterDirection(Index direction) { direction_ = direction; }
  template <typename S>
  void AddStep(const PackedLayout& layout, Index t, Index H, const S* d_out, Index stride,
               const S* d_h, const S* d_memory);

  // All sums, [series, distances], and at the end a row with the number of sequences that have a
  // state at each distance. The series are, for each layer and in it for each direction: hidden,
  // and with an LSTM memory.
  const std::vector<double>& sums() const { return sums_; }
  // True if KeepLastTarget was called for this slot.
  bool forward_only() const { return forward_only_; }

 private:
  double* Row(Index row) {
    return sums_.data() + row * static_cast<Index>(distances_->all().size());
  }
  void CountSequences();

  Index directions_, kinds_, series_;
  const TimeDistances* distances_;
  std::vector<double> sums_;
  std::vector<Index> ends_;  // by sequence: the step that distances are counted from
  bool forward_only_ = false;
  Index layer_ = 0, direction_ = 0;
};

}  // namespace lockstep
