#include "worker/layers/decoder_input.h"

#include <algorithm>

#include "worker/kernels/embedding.h"
#include "worker/layers/step_dropout.h"

namespace lockstep {

template <typename S>
DecoderInput<S>::DecoderInput(const EncoderOptions& options, Index ids, Index more,
                              std::optional<ParameterId> shared, ParameterLayout* layout)
    : options_(options), more_(more), shares_(shared.has_value()), layout_(layout) {
  embedding_ =
      shared ? *shared
             : layout->Add("decoder.embedding.weight", {ids, options.embedding_size},
                           {.kind = Initialiser::Kind::kNormal, .value = options.embedding_scale});
}

template <typename S>
std::optional<ElementRange> DecoderInput<S>::Elements() const {
  if (shares_) return {};
  const ParameterInfo& table = (*layout_)[embedding_];
  return ElementRange{table.offset, table.offset + table.count()};
}

template <typename S>
void DecoderInput<S>::Drop(const DecoderSlot& slot, const DropoutKey* key, S* x) const {
  if (key == nullptr) return;
  const Index E = embedding_size();
  if (options_.embedding_dropout > 0) {
    DropIds(DropoutRng(*key, kDecoderEmbeddingPlace), options_.embedding_dropout, slot.previous, E,
            E, x);
  }
  if (options_.symbol_dropout > 0) {
    DropRows(DropoutRng(*key, kDecoderSymbolPlace), options_.symbol_dropout, slot.target.rows(), E,
             E, x);
  }
  if (options_.input_dropout > 0) {
    DropValues(DropoutRng(*key, kDecoderInputPlace), options_.input_dropout,
               options_.variational_dropout, slot.target, E, x);
  }
}

template <typename S>
void DecoderInput<S>::Forward(const DecoderSlot& slot, const DropoutKey* key, const S* values, S* x,
                              Workspace* workspace) const {
  const Index E = embedding_size(), rows = slot.target.rows(), mark = workspace->used_bytes();
  S* const embedded = more_ == 0 ? x : workspace->Take<S>(rows * E);
  EmbeddingForward<S>(slot.previous, E, values + (*layout_)[embedding_].offset, embedded);
  Drop(slot, key, embedded);
  for (Index row = 0; more_ > 0 && row < rows; ++row) {
    std::copy_n(embedded + row * E, E, x + row * width());
  }
  workspace->Rewind(mark);
}

template <typename S>
void DecoderInput<S>::Backward(const DecoderSlot& slot, const DropoutKey& key, S* d_x, S* gradient,
                               Workspace* workspace) const {
  const Index E = embedding_size(), rows = slot.target.rows(), mark = workspace->used_bytes();
  S* const d_embedded = more_ == 0 ? d_x : workspace->Take<S>(rows * E);
  for (Index row = 0; more_ > 0 && row < rows; ++row) {
    std::copy_n(d_x + row * width(), E, d_embedded + row * E);
  }
  Drop(slot, &key, d_embedded);
  EmbeddingBackward<S>(slot.previous, E, d_embedded, gradient + (*layout_)[embedding_].offset);
  workspace->Rewind(mark);
}

template <typename S>
Index DecoderInput<S>::ScratchBytes(Index rows) const {
  return more_ == 0 ? 0 : Workspace::BytesFor<S>(rows * embedding_size());
}

template class DecoderInput<float>;
template class DecoderInput<double>;

}  // namespace lockstep
