// What the first recurrent layer of a decoder reads at each step: the embedding of the id before,
// and room for further columns that the decoder fills (a context, or what it fed back).
//
// Parameter: decoder.embedding.weight [V, E], or a table that is shared with others.
#pragma once

#include <optional>

#include "worker/layers/decoder_slot.h"
#include "worker/layers/dropout_key.h"
#include "worker/layers/encoder.h"

namespace lockstep {

template <typename S>
class DecoderInput {
 public:
  // For ids below `ids`, with `more` further columns. Declares its table at the end of the layout,
  // or shares `shared` [ids, embedding_size]. Takes embedding_size, embedding_scale and what is
  // dropped of symbols and inputs from `options`.
  DecoderInput(const EncoderOptions& options, Index ids, Index more,
               std::optional<ParameterId> shared, ParameterLayout* layout);

  Index width() const { return embedding_size() + more_; }  // E + more
  Index embedding_size() const { return options_.embedding_size; }
  ParameterId embedding() const { return embedding_; }
  // The elements of its own table; none if it is shared.
  std::optional<ElementRange> Elements() const;

  // Sets the first E columns of x [rows, width()]. `key` determines the masks; null: no dropout.
  void Forward(const DecoderSlot& slot, const DropoutKey* key, const S* values, S* x,
               Workspace* workspace) const;
  // Reads the first E columns of d_x, which may change; adds to the flat gradient.
  void Backward(const DecoderSlot& slot, const DropoutKey& key, S* d_x, S* gradient,
                Workspace* workspace) const;
  Index ScratchBytes(Index rows) const;

 private:
  void Drop(const DecoderSlot& slot, const DropoutKey* key, S* x) const;

  EncoderOptions options_;
  Index more_;
  bool shares_;
  const ParameterLayout* layout_;
  ParameterId embedding_;
};

}  // namespace lockstep
