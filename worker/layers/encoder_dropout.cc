#include "worker/layers/encoder_dropout.h"

#include "worker/layers/step_dropout.h"

namespace lockstep {

template <typename S>
double EncoderDropout<S>::ShareAfter(Index layer) const {
  return layer + 1 < options_.layers ? options_.dropout : options_.output_dropout;
}

template <typename S>
void EncoderDropout<S>::Drop(Index place, double share, const PackedLayout& layout, Index width,
                             const DropoutKey& key, S* x) const {
  DropValues(DropoutRng(key, place), share, options_.variational_dropout, layout, width, x);
}

template <typename S>
void EncoderDropout<S>::DropAfter(Index layer, const PackedLayout& layout, Index width,
                                  const DropoutKey& key, S* x) const {
  if (!DropsAfter(layer)) return;
  const Index place = layer + 1 < options_.layers ? layer : kEncoderPlace;
  Drop(place, ShareAfter(layer), layout, width, key, x);
}

template <typename S>
void EncoderDropout<S>::DropInputs(const SlotBatch& batch, Index embedded, Index width,
                                   const DropoutKey& key, S* x) const {
  const PackedLayout& layout = batch.layout;
  if (options_.embedding_dropout > 0) {
    DropIds<S>(DropoutRng(key, kEmbeddingPlace), options_.embedding_dropout, batch.fields[0].ids,
               embedded, width, x);
  }
  if (options_.symbol_dropout > 0) {
    DropRows(DropoutRng(key, kSymbolPlace), options_.symbol_dropout, layout.rows(), embedded, width,
             x);
  }
  if (options_.input_dropout > 0) Drop(kInputPlace, options_.input_dropout, layout, width, key, x);
  // Without recurrent layers, the inputs are the features that the head reads.
  if (options_.layers == 0 && options_.output_dropout > 0) {
    Drop(kEncoderPlace, options_.output_dropout, layout, width, key, x);
  }
}

template class EncoderDropout<float>;
template class EncoderDropout<double>;

}  // namespace lockstep
