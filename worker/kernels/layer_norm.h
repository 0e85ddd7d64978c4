// Layer normalisation (Ba et al. 2016, arXiv:1607.06450, equations 3 and 4) of groups of columns:
//   normed = (x - mean) / sqrt(variance + 1e-5),   y = gain * normed
// where mean and variance are taken over the columns of a group in one row. The bias belongs to
// whoever adds y to something. Sums have one order for all vector widths.
#pragma once

#include "base/types.h"

namespace lockstep {

// A group of columns of `rows` rows. Fields <name>_stride are the elements from one row to the
// next.
template <typename S>
struct NormGroup {
  Index rows = 0;
  Index cols = 0;
  S* normed = nullptr;  // [rows, cols]
  Index normed_stride = 0;
  S* scales = nullptr;  // [rows], 1 / sqrt(variance + 1e-5)
  Index scales_stride = 0;
  const S* gain = nullptr;  // [cols]
};

// Replaces x in `normed` by its normalised values, sets `scales`, and sets y [rows, cols] to gain *
// normed, or adds this to y if `adds`.
template <typename S>
void NormaliseForward(const NormGroup<S>& group, bool adds, S* y, Index y_stride);
// d_y [rows, cols] is the gradient of y. Adds to d_gain [cols]; sets d_x [rows, cols] to the
// gradient of x, which may be d_y or `normed` itself.
template <typename S>
void NormaliseBackward(const NormGroup<S>& group, const S* d_y, Index d_y_stride, S* d_gain, S* d_x,
                       Index d_x_stride);

}  // namespace lockstep
