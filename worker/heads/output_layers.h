// The last layers of all heads: any number of dense layers, then one linear layer. They work on
// each row by itself.
//
// With many classes, the outputs of all rows of a slot would need more memory than everything else.
// A loss that compares each row by itself (one target per row) is therefore computed in blocks of
// rows: outputs, loss, gradient of the outputs and of the inputs of one block, and then the next
// block in the same memory. The bits are those of all rows at once, since every sum over rows is
// one chain in ascending order that a border of blocks only interrupts (numerics.md, "Products").
//
// Parameters: those of the dense layers, head.weight [C, D], head.bias [C]. The weight may instead
// be the embedding of the inputs (Press & Wolf 2017, arXiv:1608.05859; Inan et al. 2017,
// arXiv:1611.01462): then there is no head.weight, and the embedding gets the sum of two gradients,
// first that of the outputs, over ascending rows, and then that of the inputs.
#pragma once

#include <algorithm>
#include <optional>

#include "base/workspace.h"
#include "worker/layers/dense_stack.h"
#include "worker/layers/linear_layer.h"
#include "worker/layers/pass_observer.h"
#include "worker/losses/row_loss.h"

namespace lockstep {

template <typename S>
class OutputLayers {
 public:
  // Declares its parameters at the end of the layout, which must outlive it. With `tied_weight`,
  // the linear layer shares that parameter, [outputs, columns of its input].
  OutputLayers(const DenseShape& dense, Index outputs, ParameterLayout* layout,
               std::optional<ParameterId> tied_weight = {});

  Index input_size() const { return input_size_; }
  Index output_size() const { return linear_.output_size(); }
  // Its parameters are the elements [first_element(), end_element()) of the flat array, but for a
  // tied weight.
  Index first_element() const;
  Index end_element() const { return linear_.Elements().end; }

  struct Saved {
    typename DenseStack<S>::Saved dense;
    S* outputs = nullptr;  // [rows, output_size()]
  };
  // x [rows, input_size()] must stay unchanged until Backward. What Saved points to is in the
  // workspace. `key` determines the dropout masks; null: no dropout.
  Saved Forward(Index rows, S* x, const S* values, const DropoutKey* key,
                Workspace* workspace) const;
  // saved.outputs must hold the gradient of the outputs. Adds the gradients of these layers'
  // parameters to the flat gradient, calls `finished` as soon as they are complete, and sets d_x
  // [rows, input_size()].
  template <typename Finished>
  void Backward(Index rows, const Saved& saved, const S* values, const DropoutKey* key, S* d_x,
                S* gradient, Workspace* workspace, const Finished& finished) const;

  // Forward and Backward in blocks of rows. For each block in ascending order it calls
  // loss(RowBlock, outputs), which must replace outputs [block.count, output_size()] by their
  // gradient. Takes no more than BlockBytes(rows).
  template <typename Loss, typename Finished>
  void ForwardBackwardByBlocks(Index rows, S* x, const S* values, const DropoutKey* key, S* d_x,
                               S* gradient, Workspace* workspace, const Loss& loss,
                               const Finished& finished) const;
  // Forward in blocks of rows, without dropout: calls use(RowBlock, outputs) for each. Returns to
  // the workspace what it takes, which is no more than BlockBytes(rows).
  template <typename Use>
  void ForwardByBlocks(Index rows, S* x, const S* values, Workspace* workspace,
                       const Use& use) const;

  // For many calls with few rows each: the weight of the linear layer, packed once, and Forward
  // with it, without dropout. Outputs [rows, output_size()] are set, with the bits of Forward;
  // returns to the workspace what it takes, at most PackedRowsBytes.
  PackedMatrix<S> PackWeight(const S* values, Workspace* workspace) const {
    return linear_.PackForward(values, workspace);
  }
  void ForwardPacked(Index rows, S* x, const PackedMatrix<S>& weight, const S* values, S* outputs,
                     Workspace* workspace) const;
  Index WeightBytes() const { return linear_.PackedBytesForward(); }
  Index PackedRowsBytes(Index rows) const {
    return dense_.KeptBytes(rows) + std::max(dense_.ScratchBytes(), linear_.ScratchBytes());
  }

  // Upper bounds of what Forward and Backward together take from the workspace, and of what either
  // function of blocks takes.
  Index WorkspaceBytes(Index rows) const { return BytesWithOutputs(rows, rows); }
  Index BlockBytes(Index rows) const { return BytesWithOutputs(rows, std::min(rows, BlockRows())); }
  // The rows of a block: a multiple of those that the gradient of the weights takes at once, few
  // enough for 16 MiB of outputs in float, but at least 384.
  Index BlockRows() const;
  double FlopsPerRow() const { return dense_.FlopsPerRow() + linear_.FlopsPerRow(); }

 private:
  // Where the gradient of the linear layer's input goes.
  S* LinearInputGradient(Index rows, S* d_x, Workspace* workspace) const {
    return dense_.layers().empty() ? d_x : workspace->Take<S>(rows * dense_.output_size());
  }
  template <typename Finished>
  void DenseBackward(Index rows, const typename DenseStack<S>::Saved& saved, const S* values,
                     const DropoutKey* key, S* d_y, S* d_x, S* gradient, Workspace* workspace,
                     const Finished& finished) const;
  template <typename Use>
  void ForEachBlock(Index rows, const Use& use) const;
  Index BytesWithOutputs(Index rows, Index output_rows) const;

  Index input_size_;
  DenseStack<S> dense_;
  LinearLayer<S> linear_;
};

// Without dense layers, the gradients of all parameters are complete before the last d_x is
// computed, and d_x can be computed in place.
template <typename S>
template <typename Finished>
void OutputLayers<S>::Backward(Index rows, const Saved& saved, const S* values,
                               const DropoutKey* key, S* d_x, S* gradient, Workspace* workspace,
                               const Finished& finished) const {
  linear_.AddGradient(rows, saved.dense.inputs.back(), saved.outputs, gradient, workspace);
  if (dense_.layers().empty()) finished();
  S* const d_y = LinearInputGradient(rows, d_x, workspace);
  linear_.InputGradient(rows, saved.outputs, values, d_y, workspace);
  DenseBackward(rows, saved.dense, values, key, d_y, d_x, gradient, workspace, finished);
}

template <typename S>
template <typename Loss, typename Finished>
void OutputLayers<S>::ForwardBackwardByBlocks(Index rows, S* x, const S* values,
                                              const DropoutKey* key, S* d_x, S* gradient,
                                              Workspace* workspace, const Loss& loss,
                                              const Finished& finished) const {
  const auto dense = dense_.Forward(rows, x, values, key, workspace);
  S* const outputs = workspace->Take<S>(std::min(rows, BlockRows()) * output_size());
  S* const d_y = LinearInputGradient(rows, d_x, workspace);
  ForEachBlock(rows, [&](const RowBlock& block) {
    const Index first = block.first * linear_.input_size();
    linear_.Forward(block.count, dense.inputs.back() + first, values, outputs, workspace);
    loss(block, outputs);
    linear_.AddGradient(block.count, dense.inputs.back() + first, outputs, gradient, workspace);
    if (dense_.layers().empty() && block.first + block.count == rows) finished();
    linear_.InputGradient(block.count, outputs, values, d_y + first, workspace);
  });
  DenseBackward(rows, dense, values, key, d_y, d_x, gradient, workspace, finished);
}

template <typename S>
template <typename Finished>
void OutputLayers<S>::DenseBackward(Index rows, const typename DenseStack<S>::Saved& saved,
                                    const S* values, const DropoutKey* key, S* d_y, S* d_x,
                                    S* gradient, Workspace* workspace,
                                    const Finished& finished) const {
  if (dense_.layers().empty()) return;
  const S* const below = dense_.Backward(rows, saved, values, key, d_y, gradient, workspace);
  finished();
  std::copy_n(below, rows * input_size_, d_x);
}

template <typename S>
template <typename Use>
void OutputLayers<S>::ForwardByBlocks(Index rows, S* x, const S* values, Workspace* workspace,
                                      const Use& use) const {
  const Index mark = workspace->used_bytes();
  const auto dense = dense_.Forward(rows, x, values, nullptr, workspace);
  S* const outputs = workspace->Take<S>(std::min(rows, BlockRows()) * output_size());
  ForEachBlock(rows, [&](const RowBlock& block) {
    const S* const y = dense.inputs.back() + block.first * linear_.input_size();
    linear_.Forward(block.count, y, values, outputs, workspace);
    use(block, outputs);
  });
  workspace->Rewind(mark);
}

template <typename S>
template <typename Use>
void OutputLayers<S>::ForEachBlock(Index rows, const Use& use) const {
  const Index most = BlockRows();
  for (Index first = 0; first < rows; first += most) use({first, std::min(most, rows - first)});
}

}  // namespace lockstep
