// Dropout on the inputs of an encoder and on what its layers give (EncoderOptions). The masks are
// functions of the key and the place alone, so each function serves forward, applied to values, and
// backward, applied to their gradients.
#pragma once

#include "data/batch/batch.h"
#include "worker/layers/dropout_key.h"
#include "worker/layers/encoder_options.h"

namespace lockstep {

template <typename S>
class EncoderDropout {
 public:
  explicit EncoderDropout(const EncoderOptions& options) : options_(options) {}

  // On x [rows, width], the embeddings or features that the first recurrent layer reads; `embedded`
  // columns of them, the first ones, are dropped with their symbol.
  void DropInputs(const SlotBatch& batch, Index embedded, Index width, const DropoutKey& key,
                  S* x) const;
  // On x [rows, width], what recurrent layer `layer` gives to the next one or to the head; does
  // nothing unless DropsAfter.
  void DropAfter(Index layer, const PackedLayout& layout, Index width, const DropoutKey& key,
                 S* x) const;
  bool DropsAfter(Index layer) const { return ShareAfter(layer) > 0; }

 private:
  double ShareAfter(Index layer) const;
  void Drop(Index place, double share, const PackedLayout& layout, Index width,
            const DropoutKey& key, S* x) const;

  EncoderOptions options_;
};

}  // namespace lockstep
