// A look-ahead convolution behind a recurrent layer of one direction: each output also sees the
// next `steps` outputs of the layer ("row convolution", Amodei et al. 2016, arXiv:1512.02595,
// section 3.7):
//   y[t] = sum over j = 0 .. steps of w_j * h[t + j]     (element by element)
// Beyond the end of a sequence, h counts as 0. So a model of one direction knows a little of what
// follows, and still gives each step a fixed time after it was heard.
//
// Parameters of layer k: look_ahead.weight_l{k} [steps + 1, H], row j is w_j. At first w_0 is 1 and
// all others are 0, so that y = h.
#pragma once

#include <string>
#include <vector>

#include "data/batch/batch.h"
#include "worker/params/parameter_layout.h"

namespace lockstep {

// The most steps that one layer may look ahead; a second or more of sound.
inline constexpr Index kMostLookAhead = 100;

// Reads the key model.lookahead: steps for the top layer alone ("4"), or for each layer, lowest
// first ("3,3,4"). UsageError that says what is allowed. LookAheadText is its inverse.
std::vector<Index> LookAheadFromText(const std::string& text);
std::string LookAheadText(std::vector<Index> steps);

template <typename S>
class LookAhead {
 public:
  // Behind the outputs [rows, width] of recurrent layer `layer`. Declares its parameters at the end
  // of the layout, which must outlive it. steps >= 1.
  LookAhead(Index steps, Index width, Index layer, ParameterLayout* layout);

  Index steps() const { return steps_; }
  ElementRange Elements() const;

  // Sets y [rows, H] for h [rows, H]; they may not overlap. The bits of a row depend on nothing but
  // the rows that it sees.
  void Forward(const PackedLayout& layout, const S* h, const S* values, S* y) const;
  // Replaces d_y [rows, H] by the gradient of h, in place. Adds to the flat gradient.
  void Backward(const PackedLayout& layout, const S* h, const S* values, S* d_y, S* gradient) const;

 private:
  void AddWeightGradient(const PackedLayout& layout, const S* h, const S* d_y, S* gradient) const;

  Index steps_, width_;
  const ParameterLayout* layout_;
  ParameterId weight_;
};

}  // namespace lockstep
