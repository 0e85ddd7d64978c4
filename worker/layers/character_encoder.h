// Turns the characters of each word into a row of features, so that words which were never seen
// have a meaning by their spelling:
//
//   cnn   embedding of each character -> convolution over three neighbours (zeros beyond the ends)
//         -> largest value of each channel over the word (dos Santos and Zadrozny 2014; Ma and Hovy
//         2016, arXiv:1603.01354)
//   gru   embedding of each character -> a GRU in both directions -> the last state of each (Lample
//         et al. 2016, arXiv:1603.01360, with an LSTM)
//
// Each distinct word of a slot is computed once; its gradient is the sum over its occurrences.
//
// Parameters: characters.weight [V, E]; characters.conv.weight [N, 3 E] and .bias [N], or those of
// characters.rnn (recurrent_layer.h).
#pragma once

#include <optional>
#include <string>

#include "base/workspace.h"
#include "worker/layers/distinct_words.h"
#include "worker/layers/linear_layer.h"
#include "worker/layers/recurrent_layer.h"

namespace lockstep {

enum class CharacterKind { kNone, kCnn, kGru };
CharacterKind CharacterKindFromName(const std::string& name);  // UsageError for a name that is none
std::string CharacterKindName(CharacterKind kind);

struct CharacterOptions {
  CharacterKind kind = CharacterKind::kCnn;
  Index embedding_size = 25;  // E
  Index size = 50;            // N: channels of the convolution, or units of each direction
  Precision precision = Precision::kFloat32;
};

template <typename S>
class CharacterEncoder {
 public:
  // Declares its parameters at the end of the layout, which must outlive it. `symbols` is V;
  // the kind must not be kNone.
  CharacterEncoder(const CharacterOptions& options, Index symbols, ParameterLayout* layout);

  Index width() const;  // columns of a word's features
  ElementRange Elements() const;

  // What Forward keeps for Backward; the arrays are in the workspace.
  struct Saved {
    DistinctWords words;
    S* x = nullptr;  // [characters, E], or with a convolution the windows [characters, 3 E]
    S* y = nullptr;  // [characters, width()]: of the convolution or the GRU
    typename RecurrentLayer<S>::Saved rnn;
    Index* chosen = nullptr;  // cnn [words, N]: the row of y that the largest value is in
    S* features = nullptr;    // [words.count(), width()]
  };
  // `lists` are the characters of each row of the slot.
  Saved Forward(const FieldBatch& lists, const S* values, Workspace* workspace) const;
  // d_features [words.count(), width()]. Adds to the flat gradient. Destroys the arrays in `saved`;
  // returns to the workspace what it takes.
  void Backward(const Saved& saved, const S* d_features, const S* values, S* gradient,
                Workspace* workspace) const;

  // Upper bounds of workspace bytes for a slot of at most `words` words with at most `characters`
  // characters: what Forward keeps there, and what either pass takes in addition.
  Index KeptBytes(Index words, Index characters) const;
  Index ScratchBytes(Index words, Index characters) const;
  // Floating-point operations of forward and backward for one character; matrix products only.
  double FlopsPerCharacter() const;

 private:
  void FillWindows(const DistinctWords& words, const S* table, S* windows) const;
  void AddWindows(const DistinctWords& words, const S* d_windows, S* d_table) const;
  void TakeLargest(Saved* saved) const;
  void TakeLastStates(Saved* saved) const;
  void BackwardConvolution(const Saved& saved, const S* d_features, const S* values, S* gradient,
                           Workspace* workspace) const;
  void BackwardGru(const Saved& saved, const S* d_features, const S* values, S* gradient,
                   Workspace* workspace) const;
  Index columns() const;  // of Saved::x

  CharacterOptions options_;
  const ParameterLayout* layout_;
  ParameterId embedding_;
  std::optional<LinearLayer<S>> convolution_;
  std::optional<RecurrentLayer<S>> gru_;
};

}  // namespace lockstep
