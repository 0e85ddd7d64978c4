// Pooling turns the features of all steps of a sequence into one row:
//   last       the output of each direction when it has read the whole sequence: the last step for
//              the forward direction, the first step for the reverse direction
//   middle     the output of each direction when it has read half of the sequence (of 2n or 2n - 1
//              steps, n): the site that the sequences of a corpus are centred on has been read last
//   mean, max  over the steps, for each column by itself
//   attention  sum_t a_t x_t with a = softmax over t of v . tanh(W x_t + b)
//              (Yang et al. 2016, equations 5 to 7)
// Several kinds can be used together; their rows are then joined.
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

enum class PoolingKind { kLast, kMiddle, kMean, kMax, kAttention };
// Reads "last", "middle", "mean", "max", "attention", or several of them joined by "+". UsageError
// that lists what is allowed.
std::vector<PoolingKind> PoolingFromName(const std::string& name);

template <typename S>
class Pooling {
 public:
  // For features of `width` columns. If `directions` is 2, the second half of the columns comes
  // from the reverse direction. Declares its parameters at the end of the layout, which must
  // outlive it.
  Pooling(std::vector<PoolingKind> kinds, Index width, Index directions, Precision precision,
          ParameterLayout* layout);

  // The columns of the result.
  Index output_size() const { return static_cast<Index>(kinds_.size()) * width_; }
  bool has_parameters() const { return attention_.has_value(); }
  Index first_element() const { return attention_->hidden.Elements().begin; }

  // What Backward needs; in the workspace.
  struct Saved {
    Index* largest = nullptr;  // [sequences, width]: the step of the largest value
    S* hidden = nullptr;       // [rows, width]: tanh(W x + b)
    S* weights = nullptr;      // [rows]: a_t
  };
  // Reads x [rows, width]; sets the first output_size() columns of each row of y [sequences,
  // stride].
  Saved Forward(const PackedLayout& layout, const S* x, const S* values, S* y, Index stride,
                Workspace* workspace) const;
  // Reads d_y, which has the layout of y. Sets d_x [rows, width]; adds to the flat gradient if
  // there are parameters.
  void Backward(const PackedLayout& layout, const S* x, const Saved& saved, const S* values,
                const S* d_y, Index stride, S* d_x, S* gradient, Workspace* workspace) const;

  // Upper bound of the bytes that Forward and Backward together take from the workspace.
  Index WorkspaceBytes(const SlotBounds& bounds) const;
  double FlopsPerStep() const { return attention_ ? attention_->hidden.FlopsPerRow() : 0; }

 private:
  struct Attention {
    LinearLayer<S> hidden;
    ParameterId context;
  };
  Index StepOf(PoolingKind kind, const PackedLayout& layout, Index b, Index column) const;
  void OneStep(PoolingKind kind, const PackedLayout& layout, const S* x, S* y, Index stride) const;
  void OneStepBack(PoolingKind kind, const PackedLayout& layout, const S* d_y, Index stride,
                   S* d_x) const;
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
