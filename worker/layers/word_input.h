// The input of a step that is a word: its embedding, joined with features of its characters and
// with the embeddings of other ids of the step, such as its shape (capitals, digits).
//
//   row of a word = [embedding | characters | other ids]
//
// The fields are known by their form alone: the leading field holds the id of the word, a field
// with a list of ids per step its characters, and every other field with one id per step is
// embedded alone.
//
// Parameters: embedding.weight [V, E], those of the characters (character_encoder.h), and
// <field>.weight [V, N] for each other field.
#pragma once

#include <optional>
#include <vector>

#include "worker/layers/character_encoder.h"
#include "worker/layers/dropout_key.h"

namespace lockstep {

struct WordOptions {
  CharacterKind characters = CharacterKind::kCnn;  // kNone: characters are not read
  Index character_embedding_size = 25;
  Index character_size = 50;
  Index shape_size = 8;  // N, columns of the embedding of each other id; 0: they are not read
  // Probability that training reads a word that occurs once as the unknown one (Lample et al. 2016,
  // section 4.2), so that this one is trained; [0, 1).
  double unknown_dropout = 0;
  // The ids of words that occur once are [once_begin, once_end), known to the importer alone. Set
  // by the caller; empty: there are none.
  Index once_begin = 0;
  Index once_end = 0;
};

// True if the fields of a schema are those of words: ids per step, and beside them characters or
// other ids of each step.
bool HasWordFields(const Schema& schema);
// Whether words are read with `field`, one of a schema for which HasWordFields holds, beside the
// leading one.
bool ReadsBesideWords(const WordOptions& options, const Field& field);

template <typename S>
class WordInput {
 public:
  // Declares its parameters at the end of the layout, which must outlive it. UsageError if the
  // options do not fit the schema, for which HasWordFields must hold.
  WordInput(const WordOptions& options, Index embedding_size, double embedding_scale,
            Precision precision, const Schema& schema, ParameterLayout* layout);

  Index width() const { return width_; }
  Index embedding_width() const { return embedding_size_; }
  ParameterId embedding() const { return embedding_; }
  // The id that may be read in place of others; -1: none.
  Index unknown() const { return options_.unknown_dropout > 0 ? unknown_ : -1; }
  ElementRange Elements() const;

  // What Backward needs; the arrays are in the workspace.
  struct Saved {
    const std::int32_t* words = nullptr;  // [rows]: the ids that were read
    typename CharacterEncoder<S>::Saved characters;
  };
  // Sets x [rows, width()]. `key` determines which words are read as the unknown one; null: none.
  Saved Forward(const SlotBatch& batch, const DropoutKey* key, const S* values, S* x,
                Workspace* workspace) const;
  // Adds to the flat gradient.
  void Backward(const SlotBatch& batch, const Saved& saved, const S* d_x, const S* values,
                S* gradient, Workspace* workspace) const;

  Index KeptBytes(const SlotBounds& bounds) const;
  Index ScratchBytes(const SlotBounds& bounds) const;
  double FlopsPerStep() const;

 private:
  struct OtherField {
    std::size_t field;
    ParameterId embedding;
    Index column;  // the first one of its embedding in a row
  };
  void FindFields(const Schema& schema, Precision precision, ParameterLayout* layout);
  const std::int32_t* WordsRead(const SlotBatch& batch, const DropoutKey* key,
                                Workspace* workspace) const;
  void CopyCharacters(const typename CharacterEncoder<S>::Saved& saved, S* x) const;
  void BackwardCharacters(const Saved& saved, const S* d_x, const S* values, S* gradient,
                          Workspace* workspace) const;

  WordOptions options_;
  Index embedding_size_;
  Index width_;
  Index unknown_;
  const ParameterLayout* layout_;
  ParameterId embedding_;
  ParameterId last_;
  std::size_t characters_field_ = 0;
  std::optional<CharacterEncoder<S>> characters_;
  std::vector<OtherField> others_;
};

}  // namespace lockstep
