#include "worker/layers/word_input.h"

#include <algorithm>

#include "base/error.h"
#include "worker/kernels/elementwise.h"

namespace lockstep {
namespace {

// Standard deviation of the first values of the embeddings of other ids.
constexpr double kOtherScale = 0.2;
// Characters of a word, for the estimate of floating-point operations.
constexpr double kUsualCharacters = 5;

bool IsInputOfIds(const Field& field) {
  return field.role == FieldRole::kInput && !field.is_real() && field.width == 1;
}
bool IsCharacters(const Field& field) {
  return IsInputOfIds(field) && field.alignment == Alignment::kListInStep;
}
bool IsOther(const Field& field) {
  return IsInputOfIds(field) && field.alignment == Alignment::kStep;
}

// x[row, column...] = table[ids[row]], with `width` columns of the table and `stride` of x.
template <typename S>
void CopyRows(std::span<const std::int32_t> ids, Index width, const S* table, Index stride, S* x) {
  for (const std::int32_t id : ids) {
    std::copy_n(table + id * width, width, x);
    x += stride;
  }
}

template <typename S>
void AddRows(std::span<const std::int32_t> ids, Index width, const S* d_x, Index stride,
             S* d_table) {
  for (const std::int32_t id : ids) {
    AddInPlace(width, d_x, d_table + id * width);
    d_x += stride;
  }
}

}  // namespace

bool HasWordFields(const Schema& schema) {
  if (!IsOther(schema.fields[0])) return false;
  return std::any_of(schema.fields.begin() + 1, schema.fields.end(),
                     [](const Field& field) { return IsCharacters(field) || IsOther(field); });
}

bool ReadsBesideWords(const WordOptions& options, const Field& field) {
  if (IsCharacters(field)) return options.characters != CharacterKind::kNone;
  return IsOther(field) && options.shape_size > 0;
}

template <typename S>
WordInput<S>::WordInput(const WordOptions& options, Index embedding_size, double embedding_scale,
                        Precision precision, const Schema& schema, ParameterLayout* layout)
    : options_(options),
      embedding_size_(embedding_size),
      width_(embedding_size),
      unknown_(schema.VocabularyOf(schema.fields[0]).unknown),
      layout_(layout),
      embedding_(layout->Add("embedding.weight", {schema.IdsOf(schema.fields[0]), embedding_size},
                             {.kind = Initialiser::Kind::kNormal, .value = embedding_scale})),
      last_(embedding_) {
  FindFields(schema, precision, layout);
}

template <typename S>
void WordInput<S>::FindFields(const Schema& schema, Precision precision, ParameterLayout* layout) {
  for (std::size_t f = 1; f < schema.fields.size(); ++f) {
    const Field& field = schema.fields[f];
    if (IsCharacters(field) && options_.characters != CharacterKind::kNone) {
      if (characters_) {
        throw UsageError(
            "the corpus has two fields with a list of ids per step, \"{}\" and \"{}\"; a model "
            "reads one: set model.characters = none, or prepare the corpus again",
            schema.fields[characters_field_].name, field.name);
      }
      characters_field_ = f;
      characters_.emplace(CharacterOptions{options_.characters, options_.character_embedding_size,
                                           options_.character_size, precision},
                          schema.IdsOf(field), layout);
      last_ = layout->infos().size() - 1;
    }
  }
  if (characters_) width_ += characters_->width();
  for (std::size_t f = 1; f < schema.fields.size() && options_.shape_size > 0; ++f) {
    const Field& field = schema.fields[f];
    if (!IsOther(field)) continue;
    last_ = layout->Add(field.name + ".weight", {schema.IdsOf(field), options_.shape_size},
                        {.kind = Initialiser::Kind::kNormal, .value = kOtherScale});
    others_.push_back({f, last_, width_});
    width_ += options_.shape_size;
  }
}

template <typename S>
ElementRange WordInput<S>::Elements() const {
  const ParameterInfo& last = (*layout_)[last_];
  return {(*layout_)[embedding_].offset, last.offset + last.count()};
}

template <typename S>
const std::int32_t* WordInput<S>::WordsRead(const SlotBatch& batch, const DropoutKey* key,
                                            Workspace* workspace) const {
  const std::vector<std::int32_t>& ids = batch.fields[0].ids;
  std::int32_t* const words = workspace->Take<std::int32_t>(std::ssize(ids));
  std::ranges::copy(ids, words);
  if (key == nullptr || unknown() < 0) return words;
  const CounterRng rng = DropoutRng(*key, kUnknownPlace);
  for (std::size_t row = 0; row < ids.size(); ++row) {
    const bool occurs_once = ids[row] >= options_.once_begin && ids[row] < options_.once_end;
    if (occurs_once && rng.Uniform(row) < options_.unknown_dropout)
      words[row] = static_cast<std::int32_t>(unknown_);
  }
  return words;
}

template <typename S>
typename WordInput<S>::Saved WordInput<S>::Forward(const SlotBatch& batch, const DropoutKey* key,
                                                   const S* values, S* x,
                                                   Workspace* workspace) const {
  Saved saved;
  saved.words = WordsRead(batch, key, workspace);
  CopyRows<S>({saved.words, batch.fields[0].ids.size()}, embedding_size_,
              values + (*layout_)[embedding_].offset, width_, x);
  if (characters_) {
    saved.characters = characters_->Forward(batch.fields[characters_field_], values, workspace);
    CopyCharacters(saved.characters, x + embedding_size_);
  }
  for (const OtherField& other : others_) {
    CopyRows<S>(batch.fields[other.field].ids, options_.shape_size,
                values + (*layout_)[other.embedding].offset, width_, x + other.column);
  }
  return saved;
}

template <typename S>
void WordInput<S>::CopyCharacters(const typename CharacterEncoder<S>::Saved& saved, S* x) const {
  const Index columns = characters_->width();
  for (const Index word : saved.words.word_of) {
    if (word < 0) std::fill_n(x, columns, S{0});
    if (word >= 0) std::copy_n(saved.features + word * columns, columns, x);
    x += width_;
  }
}

// The gradient of a word is the sum over its rows, in ascending order.
template <typename S>
void WordInput<S>::BackwardCharacters(const Saved& saved, const S* d_x, const S* values,
                                      S* gradient, Workspace* workspace) const {
  const Index mark = workspace->used_bytes(), columns = characters_->width();
  const DistinctWords& words = saved.characters.words;
  S* const d_features = workspace->Take<S>(words.count() * columns);
  std::fill_n(d_features, words.count() * columns, S{0});
  for (const Index word : words.word_of) {
    if (word >= 0) AddInPlace(columns, d_x, d_features + word * columns);
    d_x += width_;
  }
  characters_->Backward(saved.characters, d_features, values, gradient, workspace);
  workspace->Rewind(mark);
}

template <typename S>
void WordInput<S>::Backward(const SlotBatch& batch, const Saved& saved, const S* d_x,
                            const S* values, S* gradient, Workspace* workspace) const {
  AddRows<S>({saved.words, batch.fields[0].ids.size()}, embedding_size_, d_x, width_,
             gradient + (*layout_)[embedding_].offset);
  if (characters_) BackwardCharacters(saved, d_x + embedding_size_, values, gradient, workspace);
  for (const OtherField& other : others_) {
    AddRows<S>(batch.fields[other.field].ids, options_.shape_size, d_x + other.column, width_,
               gradient + (*layout_)[other.embedding].offset);
  }
}

template <typename S>
Index WordInput<S>::KeptBytes(const SlotBounds& bounds) const {
  const Index words = Workspace::BytesFor<std::int32_t>(bounds.rows);
  if (!characters_) return words;
  return words + characters_->KeptBytes(bounds.rows, bounds.field_rows[characters_field_]);
}

template <typename S>
Index WordInput<S>::ScratchBytes(const SlotBounds& bounds) const {
  if (!characters_) return 0;
  return Workspace::BytesFor<S>(bounds.rows * characters_->width()) +
         characters_->ScratchBytes(bounds.rows, bounds.field_rows[characters_field_]);
}

template <typename S>
double WordInput<S>::FlopsPerStep() const {
  return characters_ ? kUsualCharacters * characters_->FlopsPerCharacter() : 0;
}

template class WordInput<float>;
template class WordInput<double>;

}  // namespace lockstep
