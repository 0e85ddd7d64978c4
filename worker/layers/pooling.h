// Features of all steps of a sequence -> one row per sequence:
//   last       what each direction holds when it has read the whole sequence
//   mean, max  over the steps, each column by itself
//   attention  sum_t a_t x_t with a = softmax over t of v . tanh(W x_t + b)   (Yang et al. 2016,
//   eq. 5 to 7)
// Several can be taken side by side.
//
// Parameters of attention: attention.weight [D, D], attention.bias [D], attention.context [1, D].
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/workspace.h"
#include "data/batch/batch.h"
#include "worker/layers/linear_layer.h"

namespace lockstep {

enum class PoolingKind { kLast, kMean, kMax, kAttention };
// "last", "mean", "max", "attention", or several with "+" between them. UsageError naming what is
// allowed.
std::vector<PoolingKind> PoolingFromName(const std::string& name);

template <typename S>
class Pooling {
 public:
  // Features of `width` columns, the last half of which walk the sequence backwards where
  // `directions` is 2. Declares its parameters at the end of the layout, which must outlive it.
  Pooling(std::vector<PoolingKind> kinds, Index width, Index directions, Precision precision,
          ParameterLayout* layout);

  // Columns of the result.
  Index output_size() const { return static_cast<Index>(kinds_.size()) * width_; }
  bool has_parameters() const { return attention_.has_value(); }
  Index first_element() const { return attention_->hidden.Elements().begin; }

  // What backward needs; in the workspace.
  struct Saved {
    Index* largest = nullptr;  // [sequences, width]: the step of the largest value
    S* hidden = nullptr;       // [rows, width]: tanh(W x + b)
    S* weights = nullptr;      // [rows]: a_t
  };
  // x [rows, width] -> y [sequences, stride], the first output_size() columns of each row.
  Saved Forward(const PackedLayout& layout, const S* x, const S* values, S* y, Index stride,
                Workspace* workspace) const;
  // d_y laid out as y -> sets d_x [rows, width]; adds to the flat gradient, if there are
  // parameters.
  void Backward(const PackedLayout& layout, const S* x, const Saved& saved, const S* values,
                const S* d_y, Index stride, S* d_x, S* gradient, Workspace* workspace) const;

  // Upper bound of what both together take from the workspace.
  Index WorkspaceBytes(const SlotBounds& bounds) const;
  double FlopsPerStep() const { return attention_ ? attention_->hidden.FlopsPerRow() : 0; }

 private:
  struct Attention {
    LinearLayer<S> hidden;
    ParameterId context;
  };
  Index StepOfLast(const PackedLayout& layout, Index b, Index column) const;
  void Last(const PackedLayout& layout, const S* x, S* y, Index stride) const;
  void LastBack(const PackedLayout& layout, const S* d_y, Index stride, S* d_x) const;
  void Mean(const PackedLayout& layout, const S* x, S* y, Index stride) const;
  void MeanBack(const PackedLayout& layout, const S* d_y, Index stride, S* d_x) const;
  void Max(const PackedLayout& layout, const S* x, Index* largest, S* y, Index stride) const;
  void MaxBack(const PackedLayout& layout, const Index* largest, const S* d_y, Index stride,
               S* d_x) const;
  void Attend(const PackedLayout& layout, const S* x, const S* values, Saved* saved, S* y,
              Index stride, Workspace* workspace) const;
  void AttendBack(const PackedLayout& layout, const S* x, const Saved& saved, const S* values,
                  const S* d_y, Index stride, S* d_x, S* gradient, Workspace* workspace) const;

  std::vector<PoolingKind> kinds_;
  Index width_, directions_;
  const ParameterLayout* layout_;
  std::optional<Attention> attention_;
};

}  // namespace lockstep
