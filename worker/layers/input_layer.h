// The input layer computes the input of the first recurrent layer, one row per step. Depending on
// the schema and the options it does one of these:
//   ids          -> rows of an embedding
//   ids of words -> rows of an embedding, characters and shapes side by side (word_input.h)
//   several ids of two names  -> as many real values, 0 or 1
//   real values  -> the same values
//   real values  -> convolution over time -> ReLU
// The real inputs of a whole sequence can be joined to the inputs of each of its steps.
//
// Parameters: embedding.weight [V, E], or those of words, or those of the convolution, or none.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "data/batch/batch.h"
#include "worker/layers/frame_convolution.h"
#include "worker/layers/word_input.h"

namespace lockstep {

struct InputOptions {
  Index embedding_size = 0;    // columns of the embedding of ids
  double embedding_scale = 1;  // standard deviation of the first values of the embedding
  Index channels = 0;          // output channels of the convolution; 0: no convolution
  // Joins the real inputs of a whole sequence to the inputs of each of its steps.
  bool joins_sequence_inputs = false;
  Precision precision = Precision::kFloat32;
  WordOptions words = {};  // for schemas with the fields of words
};

// The indices of those fields of a schema that are inputs with one row of real values per sequence.
std::vector<std::size_t> SequenceInputs(const Schema& schema);
// The number of elements in one row of each of `fields`, all together.
Index WidthOf(const Schema& schema, std::span<const std::size_t> fields);

template <typename S>
class InputLayer {
 public:
  // Declares its parameters at the end of the layout, which must outlive it. UsageError if the
  // schema has an input that it cannot read.
  InputLayer(const InputOptions& options, const Schema& schema, ParameterLayout* layout);

  // The columns of Saved::x.
  Index width() const;
  bool has_parameters() const { return symbols_ > 0 || convolution_; }
  // Whether the inputs are one id per step, each with a row of an embedding.
  bool has_embedding() const { return symbols_ > 0; }
  ElementRange Elements() const;  // the elements of the flat array that hold its parameters
  // The first columns of a row, which hold the row of the embedding.
  Index embedding_width() const { return options_.embedding_size; }
  // The embedding [V, E]; none if the inputs are not ids.
  std::optional<ParameterId> embedding() const {
    return symbols_ > 0 ? std::optional(embedding_) : std::nullopt;
  }

  // An id whose row of the embedding may be read in place of that of any other; -1: none.
  Index stand_in() const { return words_ ? words_->unknown() : -1; }

  // What Backward needs; in the workspace.
  struct Saved {
    std::optional<typename WordInput<S>::Saved> words;  // only of words
    const S* frames = nullptr;  // [rows, features of a step]; only with a convolution, else null
    S* x = nullptr;             // [rows, width()]; the result of Forward
  };
  // `key` determines which words are read as the unknown one; null: none.
  Saved Forward(const SlotBatch& batch, const DropoutKey* key, const S* values,
                Workspace* workspace) const;
  // Adds to the flat gradient; changes d_x. May only be called if has_parameters().
  void Backward(const SlotBatch& batch, const Saved& saved, const S* values, S* d_x, S* gradient,
                Workspace* workspace) const;

  Index KeptBytes(const SlotBounds& bounds) const;
  Index ScratchBytes(const SlotBounds& bounds) const;
  // Floating-point operations of forward and backward for one step of one sequence; matrix products
  // only.
  double FlopsPerStep() const;

 private:
  void CheckInputs(const Schema& schema) const;
  void CopyFeatures(const SlotBatch& batch, S* x) const;
  void CopyRows(const SlotBatch& batch, S* x) const;
  void JoinSequenceInputs(const SlotBatch& batch, S* x) const;
  Index step_width() const { return feature_width_ + joined_width_; }

  InputOptions options_;
  Index symbols_ = 0;                 // number of ids of the leading field; 0: it has no embedding
  bool is_switches_ = false;          // the leading field has several ids per step, each 0 or 1
  Index feature_width_ = 0;           // values of a step, all its frames together
  std::vector<std::size_t> joined_;   // indices of the fields that are joined to each step
  std::vector<Index> joined_widths_;  // elements of each of these fields
  Index joined_width_ = 0;            // the sum of joined_widths_
  const ParameterLayout* layout_;
  ParameterId embedding_ = 0;
  std::optional<FrameConvolution<S>> convolution_;
  std::optional<WordInput<S>> words_;
};

}  // namespace lockstep
