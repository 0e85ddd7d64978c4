#include "worker/layers/character_encoder.h"

#include <algorithm>
#include <array>

#include "base/error.h"
#include "worker/kernels/elementwise.h"
#include "worker/kernels/embedding.h"

namespace lockstep {
namespace {

constexpr Index kWindow = 3;  // characters that the convolution reads at once
// Standard deviation of the first values: sqrt(1 / 25), as Lample et al. for rows of 25 values.
constexpr double kEmbeddingScale = 0.2;
constexpr std::array<const char*, 3> kKindNames = {"none", "cnn", "gru"};

RecurrentShape GruOf(const CharacterOptions& options) {
  return {.cell = CellKind::kGru,
          .input_size = options.embedding_size,
          .hidden_size = options.size,
          .directions = 2,
          .precision = options.precision};
}

// Calls use(place, row, neighbour) for the characters in the window of each row, `neighbour` being
// the row of the character at `place` of the window; places beyond the ends of the word are left
// out.
template <typename Use>
void ForEachInWindow(const PackedLayout& layout, const Use& use) {
  for (Index t = 0; t < layout.steps(); ++t) {
    for (Index k = 0; k < layout.active(t); ++k) {
      const Index row = layout.Row(t, k);
      if (t > 0) use(0, row, layout.Row(t - 1, k));
      use(1, row, row);
      if (t + 1 < layout.steps() && k < layout.active(t + 1)) use(2, row, layout.Row(t + 1, k));
    }
  }
}

// Calls use(word, first row, last row) for each word.
template <typename Use>
void ForEachWord(const PackedLayout& layout, const Use& use) {
  for (Index k = 0; k < layout.sequences(); ++k) {
    use(k, layout.Row(0, k), layout.Row(layout.Length(k) - 1, k));
  }
}

SlotBounds BoundsOf(Index words, Index characters) {
  return {.sequences = words, .steps = characters, .rows = characters};
}

}  // namespace

CharacterKind CharacterKindFromName(const std::string& name) {
  const auto found = std::ranges::find(kKindNames, name);
  if (found == kKindNames.end())
    throw UsageError("\"{}\" is no kind of character encoder; allowed are none, cnn and gru", name);
  return static_cast<CharacterKind>(found - kKindNames.begin());
}

std::string CharacterKindName(CharacterKind kind) {
  return kKindNames[static_cast<std::size_t>(kind)];
}

template <typename S>
CharacterEncoder<S>::CharacterEncoder(const CharacterOptions& options, Index symbols,
                                      ParameterLayout* layout)
    : options_(options),
      layout_(layout),
      embedding_(layout->Add("characters.weight", {symbols, options.embedding_size},
                             {.kind = Initialiser::Kind::kNormal, .value = kEmbeddingScale})) {
  LOCKSTEP_CHECK(options.kind != CharacterKind::kNone);
  if (options.kind == CharacterKind::kCnn) {
    convolution_.emplace("characters.conv", kWindow * options.embedding_size, options.size,
                         options.precision, layout);
  } else {
    gru_.emplace(GruOf(options), "characters.rnn", 0, 0, layout);
  }
}

template <typename S>
Index CharacterEncoder<S>::width() const {
  return gru_ ? gru_->output_size() : options_.size;
}

template <typename S>
Index CharacterEncoder<S>::columns() const {
  return gru_ ? options_.embedding_size : kWindow * options_.embedding_size;
}

template <typename S>
ElementRange CharacterEncoder<S>::Elements() const {
  const Index end = gru_ ? gru_->Elements(1).end : convolution_->Elements().end;
  return {(*layout_)[embedding_].offset, end};
}

template <typename S>
void CharacterEncoder<S>::FillWindows(const DistinctWords& words, const S* table,
                                      S* windows) const {
  const Index E = options_.embedding_size;
  std::fill_n(windows, words.layout.rows() * columns(), S{0});
  ForEachInWindow(words.layout, [&](Index place, Index row, Index neighbour) {
    const std::int32_t id = words.characters[static_cast<std::size_t>(neighbour)];
    std::copy_n(table + id * E, E, windows + row * columns() + place * E);
  });
}

template <typename S>
void CharacterEncoder<S>::AddWindows(const DistinctWords& words, const S* d_windows,
                                     S* d_table) const {
  const Index E = options_.embedding_size;
  ForEachInWindow(words.layout, [&](Index place, Index row, Index neighbour) {
    const std::int32_t id = words.characters[static_cast<std::size_t>(neighbour)];
    AddInPlace(E, d_windows + row * columns() + place * E, d_table + id * E);
  });
}

// The first one of equal values is taken.
template <typename S>
void CharacterEncoder<S>::TakeLargest(Saved* saved) const {
  const PackedLayout& layout = saved->words.layout;
  const Index N = width();
  for (Index k = 0; k < layout.sequences(); ++k) {
    std::copy_n(saved->y + k * N, N, saved->features + k * N);
    std::fill_n(saved->chosen + k * N, N, k);
  }
  for (Index t = 1; t < layout.steps(); ++t) {
    for (Index k = 0; k < layout.active(t); ++k) {
      const Index row = layout.Row(t, k);
      for (Index j = 0; j < N; ++j) {
        if (saved->y[row * N + j] <= saved->features[k * N + j]) continue;
        saved->features[k * N + j] = saved->y[row * N + j];
        saved->chosen[k * N + j] = row;
      }
    }
  }
}

// The forward direction has read the whole word at its last character, the other one at its first.
template <typename S>
void CharacterEncoder<S>::TakeLastStates(Saved* saved) const {
  const Index H = options_.size;
  ForEachWord(saved->words.layout, [&](Index word, Index first, Index last) {
    S* const to = saved->features + word * width();
    std::copy_n(saved->y + last * width(), H, to);
    std::copy_n(saved->y + first * width() + H, H, to + H);
  });
}

template <typename S>
typename CharacterEncoder<S>::Saved CharacterEncoder<S>::Forward(const FieldBatch& lists,
                                                                 const S* values,
                                                                 Workspace* workspace) const {
  Saved saved;
  saved.words = FindDistinctWords(lists);
  const Index rows = saved.words.layout.rows();
  const S* const table = values + (*layout_)[embedding_].offset;
  saved.x = workspace->Take<S>(rows * columns());
  saved.y = workspace->Take<S>(rows * width());
  saved.features = workspace->Take<S>(saved.words.count() * width());
  if (rows == 0) return saved;
  if (gru_) {
    EmbeddingForward<S>(saved.words.characters, options_.embedding_size, table, saved.x);
    saved.rnn = gru_->Forward(saved.words.layout, values, saved.x, saved.y, workspace);
    TakeLastStates(&saved);
    return saved;
  }
  saved.chosen = workspace->Take<Index>(saved.words.count() * width());
  FillWindows(saved.words, table, saved.x);
  convolution_->Forward(rows, saved.x, values, saved.y, workspace);
  TakeLargest(&saved);
  return saved;
}

template <typename S>
void CharacterEncoder<S>::BackwardConvolution(const Saved& saved, const S* d_features,
                                              const S* values, S* gradient,
                                              Workspace* workspace) const {
  const Index rows = saved.words.layout.rows(), N = width();
  S* const d_y = workspace->Take<S>(rows * N);
  S* const d_windows = workspace->Take<S>(rows * columns());
  std::fill_n(d_y, rows * N, S{0});
  for (Index k = 0; k < saved.words.count(); ++k) {
    for (Index j = 0; j < N; ++j) {
      d_y[saved.chosen[k * N + j] * N + j] = d_features[k * N + j];
    }
  }
  convolution_->AddGradient(rows, saved.x, d_y, gradient, workspace);
  convolution_->InputGradient(rows, d_y, values, d_windows, workspace);
  AddWindows(saved.words, d_windows, gradient + (*layout_)[embedding_].offset);
}

template <typename S>
void CharacterEncoder<S>::BackwardGru(const Saved& saved, const S* d_features, const S* values,
                                      S* gradient, Workspace* workspace) const {
  const Index rows = saved.words.layout.rows(), H = options_.size;
  S* const d_y = workspace->Take<S>(rows * width());
  S* const d_x = workspace->Take<S>(rows * columns());
  std::fill_n(d_y, rows * width(), S{0});
  ForEachWord(saved.words.layout, [&](Index word, Index first, Index last) {
    const S* const from = d_features + word * width();
    std::copy_n(from, H, d_y + last * width());
    std::copy_n(from + H, H, d_y + first * width() + H);
  });
  gru_->Backward(saved.words.layout, values, saved.rnn, d_y, d_x, gradient, workspace);
  EmbeddingBackward<S>(saved.words.characters, options_.embedding_size, d_x,
                       gradient + (*layout_)[embedding_].offset);
}

template <typename S>
void CharacterEncoder<S>::Backward(const Saved& saved, const S* d_features, const S* values,
                                   S* gradient, Workspace* workspace) const {
  if (saved.words.count() == 0) return;
  const Index mark = workspace->used_bytes();
  if (gru_) {
    BackwardGru(saved, d_features, values, gradient, workspace);
  } else {
    BackwardConvolution(saved, d_features, values, gradient, workspace);
  }
  workspace->Rewind(mark);
}

template <typename S>
Index CharacterEncoder<S>::KeptBytes(Index words, Index characters) const {
  const Index rnn = gru_ ? gru_->KeptBytes(BoundsOf(words, characters))
                         : Workspace::BytesFor<Index>(words * width());
  return Workspace::BytesFor<S>(characters * columns()) +
         Workspace::BytesFor<S>(characters * width()) + Workspace::BytesFor<S>(words * width()) +
         rnn;
}

template <typename S>
Index CharacterEncoder<S>::ScratchBytes(Index words, Index characters) const {
  const Index layer =
      gru_ ? gru_->ScratchBytes(BoundsOf(words, characters)) : convolution_->ScratchBytes();
  return layer + Workspace::BytesFor<S>(characters * columns()) +
         Workspace::BytesFor<S>(characters * width());
}

template <typename S>
double CharacterEncoder<S>::FlopsPerCharacter() const {
  if (convolution_) return convolution_->FlopsPerRow();
  const Index gates = 2 * GateCount(CellKind::kGru) * options_.size;
  return 6.0 * static_cast<double>(gates * (options_.embedding_size + options_.size));
}

template class CharacterEncoder<float>;
template class CharacterEncoder<double>;

}  // namespace lockstep
