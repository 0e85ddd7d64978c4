#include "worker/layers/encoder_dropout.h"

#include <algorithm>

#include "worker/kernels/dropout.h"

namespace lockstep {

template <typename S>
double EncoderDropout<S>::ShareAfter(Index layer) const {
  return layer + 1 < options_.layers ? options_.dropout : options_.output_dropout;
}

// The rows of a step are those of the first sequences, so a mask that begins anew with each step is
// one mask per sequence.
template <typename S>
void EncoderDropout<S>::Drop(Index place, double share, const PackedLayout& layout, Index width,
                             const DropoutKey& key, S* x) const {
  const CounterRng rng = DropoutRng(key, place);
  if (!options_.variational_dropout) return ApplyDropout(rng, share, layout.rows() * width, x);
  for (Index t = 0; t < layout.steps(); ++t) {
    ApplyDropout(rng, share, layout.active(t) * width, x + layout.row_start(t) * width);
  }
}

template <typename S>
void EncoderDropout<S>::DropAfter(Index layer, const PackedLayout& layout, Index width,
                                  const DropoutKey& key, S* x) const {
  if (!DropsAfter(layer)) return;
  const Index place = layer + 1 < options_.layers ? layer : kEncoderPlace;
  Drop(place, ShareAfter(layer), layout, width, key, x);
}

template <typename S>
void EncoderDropout<S>::DropSymbols(Index rows, Index width, const DropoutKey& key, S* x) const {
  const CounterRng rng = DropoutRng(key, kSymbolPlace);
  for (Index row = 0; row < rows; ++row) {
    if (rng.Uniform(static_cast<std::uint64_t>(row)) < options_.symbol_dropout) {
      std::fill_n(x + row * width, width, S{0});
    }
  }
}

template <typename S>
void EncoderDropout<S>::DropEmbeddings(const SlotBatch& batch, Index width, const DropoutKey& key,
                                       S* x) const {
  const CounterRng rng = DropoutRng(key, kEmbeddingPlace);
  const S scale = static_cast<S>(1 / (1 - options_.embedding_dropout));
  for (const std::int32_t id : batch.fields[0].ids) {
    const bool drops = rng.Uniform(static_cast<std::uint64_t>(id)) < options_.embedding_dropout;
    for (Index j = 0; j < width; ++j) x[j] = drops ? S{0} : x[j] * scale;
    x += width;
  }
}

template <typename S>
void EncoderDropout<S>::DropInputs(const SlotBatch& batch, Index width, const DropoutKey& key,
                                   S* x) const {
  const PackedLayout& layout = batch.layout;
  if (options_.embedding_dropout > 0) DropEmbeddings(batch, width, key, x);
  if (options_.symbol_dropout > 0) DropSymbols(layout.rows(), width, key, x);
  if (options_.input_dropout > 0) Drop(kInputPlace, options_.input_dropout, layout, width, key, x);
  // Without recurrent layers, the inputs are the features that the head reads.
  if (options_.layers == 0 && options_.output_dropout > 0) {
    Drop(kEncoderPlace, options_.output_dropout, layout, width, key, x);
  }
}

template class EncoderDropout<float>;
template class EncoderDropout<double>;

}  // namespace lockstep
