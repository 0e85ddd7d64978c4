#include "worker/layers/input_layer.h"

#include <algorithm>

#include "base/error.h"
#include "worker/kernels/embedding.h"

namespace lockstep {
namespace {

// Several ids per step, each of which says that something is on or off: the keys of a keyboard.
bool IsSwitches(const Schema& schema, const Field& field) {
  return !field.is_real() && field.width > 1 && schema.IdsOf(field) == 2;
}

}  // namespace

std::vector<std::size_t> SequenceInputs(const Schema& schema) {
  std::vector<std::size_t> found;
  for (std::size_t f = 0; f < schema.fields.size(); ++f) {
    const Field& field = schema.fields[f];
    const bool is_input = field.role == FieldRole::kInput;
    if (is_input && field.is_real() && field.alignment == Alignment::kSequence) found.push_back(f);
  }
  return found;
}

Index WidthOf(const Schema& schema, std::span<const std::size_t> fields) {
  Index width = 0;
  for (const std::size_t f : fields) width += schema.fields[f].width;
  return width;
}

template <typename S>
InputLayer<S>::InputLayer(const InputOptions& options, const Schema& schema,
                          ParameterLayout* layout)
    : options_(options),
      symbols_(schema.IdsOf(schema.fields[0])),
      is_switches_(IsSwitches(schema, schema.fields[0])),
      layout_(layout) {
  if (is_switches_) symbols_ = 0;
  if (symbols_ == 0) feature_width_ = schema.fields[0].width;
  if (options.joins_sequence_inputs) joined_ = SequenceInputs(schema);
  for (const std::size_t f : joined_) joined_widths_.push_back(schema.fields[f].width);
  joined_width_ = WidthOf(schema, joined_);
  CheckInputs(schema);
  if (HasWordFields(schema)) {
    words_.emplace(options.words, options.embedding_size, options.embedding_scale,
                   options.precision, schema, layout);
    embedding_ = words_->embedding();
  } else if (symbols_ > 0) {
    embedding_ =
        layout->Add("embedding.weight", {symbols_, options.embedding_size},
                    {.kind = Initialiser::Kind::kNormal, .value = options.embedding_scale});
  } else if (options.channels > 0) {
    convolution_.emplace(feature_width_, options.channels, options.precision, layout);
  }
}

template <typename S>
void InputLayer<S>::CheckInputs(const Schema& schema) const {
  for (std::size_t f = 0; f < schema.fields.size(); ++f) {
    const Field& field = schema.fields[f];
    const bool is_known = f == 0 ? field.is_real() || field.width == 1 || is_switches_
                                 : field.is_real() && field.alignment == Alignment::kSequence;
    const bool is_of_words =
        symbols_ > 0 && !field.is_real() && field.width == 1 &&
        (field.alignment == Alignment::kStep || field.alignment == Alignment::kListInStep);
    if (field.role == FieldRole::kTarget || is_known || is_of_words) continue;
    throw UsageError(
        "the model cannot read the input field \"{}\" ({} elements, aligned by {}) of the corpus; "
        "it reads one id, several ids of two names or any real values per step, beside one id per "
        "step further ids and lists of ids of each step, and real values per sequence",
        field.name, field.width, AlignmentName(field.alignment));
  }
  if (joined_.empty() || (symbols_ == 0 && options_.channels == 0)) return;
  throw UsageError(
      "the corpus has the field \"{}\" once per sequence, which can be joined to real values of "
      "each step only, without a convolution: set model.conv_channels = 0, or leave the field out",
      schema.fields[joined_[0]].name);
}

template <typename S>
Index InputLayer<S>::width() const {
  if (words_) return words_->width();
  if (symbols_ > 0) return options_.embedding_size;
  return convolution_ ? options_.channels : step_width();
}

template <typename S>
ElementRange InputLayer<S>::Elements() const {
  if (words_) return words_->Elements();
  if (convolution_) return convolution_->Elements();
  const auto& weight = (*layout_)[embedding_];
  return {weight.offset, weight.offset + weight.count()};
}

template <typename S>
typename InputLayer<S>::Saved InputLayer<S>::Forward(const SlotBatch& batch, const DropoutKey* key,
                                                     const S* values, Workspace* workspace) const {
  const Index rows = batch.layout.rows();
  Saved saved;
  saved.x = workspace->Take<S>(rows * width());
  if (words_) {
    saved.words = words_->Forward(batch, key, values, saved.x, workspace);
    return saved;
  }
  if (symbols_ > 0) {
    EmbeddingForward<S>(batch.fields[0].ids, width(), values + (*layout_)[embedding_].offset,
                        saved.x);
    return saved;
  }
  S* const frames = convolution_ ? workspace->Take<S>(rows * step_width()) : saved.x;
  CopyFeatures(batch, frames);
  saved.frames = frames;
  if (convolution_) convolution_->Forward(rows, frames, values, saved.x, workspace);
  return saved;
}

// Copies the features of each step to the start of its row of x, which is followed by room for the
// joined inputs of its sequence.
template <typename S>
void InputLayer<S>::CopyFeatures(const SlotBatch& batch, S* x) const {
  CopyRows(batch, x);
  if (!joined_.empty()) JoinSequenceInputs(batch, x);
}

template <typename S>
void InputLayer<S>::CopyRows(const SlotBatch& batch, S* x) const {
  const std::int32_t* const ids = batch.fields[0].ids.data();
  const float* const values = batch.fields[0].values.data();
  const auto given = is_switches_ ? std::ssize(batch.fields[0].ids) : batch.fields[0].values.size();
  LOCKSTEP_CHECK(given >= batch.layout.rows() * feature_width_);
  for (Index row = 0; row < batch.layout.rows(); ++row) {
    const Index from = row * feature_width_;
    S* const to = x + row * step_width();
    if (is_switches_) {
      std::copy_n(ids + from, feature_width_, to);
    } else {
      std::copy_n(values + from, feature_width_, to);
    }
  }
}

template <typename S>
void InputLayer<S>::JoinSequenceInputs(const SlotBatch& batch, S* x) const {
  Index column = feature_width_;
  for (std::size_t i = 0; i < joined_.size(); ++i) {
    const Index width = joined_widths_[i];
    const float* const once = batch.fields[joined_[i]].values.data();
    for (Index t = 0; t < batch.layout.steps(); ++t) {
      for (Index b = 0; b < batch.layout.active(t); ++b) {
        std::copy_n(once + b * width, width, x + batch.layout.Row(t, b) * step_width() + column);
      }
    }
    column += width;
  }
}

template <typename S>
void InputLayer<S>::Backward(const SlotBatch& batch, const Saved& saved, const S* values, S* d_x,
                             S* gradient, Workspace* workspace) const {
  if (words_) {
    words_->Backward(batch, *saved.words, d_x, values, gradient, workspace);
  } else if (convolution_) {
    convolution_->Backward(batch.layout.rows(), saved.frames, saved.x, d_x, gradient, workspace);
  } else if (symbols_ > 0) {
    EmbeddingBackward<S>(batch.fields[0].ids, width(), d_x,
                         gradient + (*layout_)[embedding_].offset);
  }
}

template <typename S>
Index InputLayer<S>::KeptBytes(const SlotBounds& bounds) const {
  const Index frames = convolution_ ? Workspace::BytesFor<S>(bounds.rows * step_width()) : 0;
  return Workspace::BytesFor<S>(bounds.rows * width()) + frames +
         (words_ ? words_->KeptBytes(bounds) : 0);
}

template <typename S>
Index InputLayer<S>::ScratchBytes(const SlotBounds& bounds) const {
  if (words_) return words_->ScratchBytes(bounds);
  return convolution_ ? convolution_->ScratchBytes() : 0;
}

// The convolution has two products: forward, and the gradient of the weights.
template <typename S>
double InputLayer<S>::FlopsPerStep() const {
  if (words_) return words_->FlopsPerStep();
  if (!convolution_) return 0;
  return 4.0 * static_cast<double>(feature_width_ * options_.channels);
}

template class InputLayer<float>;
template class InputLayer<double>;

}  // namespace lockstep
