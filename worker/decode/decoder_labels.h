// The classes of a CTC model as a decoder uses them: how labels form words.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/types.h"

namespace lockstep {

// The mark with which SentencePiece begins the first label of a word: U+2581, lower one eighth
// block.
inline constexpr const char* kPieceMark = "\u2581";

// The name of the class between words, if labels are letters: " ", else "<space>", else "|"; empty
// if there is none of these. names[0] is the blank.
std::string FindSeparator(std::span<const std::string> names);

enum class LabelKind {
  kLetters,  // characters or phones; one class, the separator, separates words
  kWords,    // each label is a word
  kPieces,   // SentencePiece: a label that begins with U+2581 begins a word
};

// What a label means for the word in progress.
enum class WordPart : std::uint8_t {
  kInside,     // the label continues the word
  kStart,      // the label ends the word and is the first label of a new one
  kSeparator,  // the label ends the word and belongs to no word
};

// The labels with indices [begin, end) of a labelling.
using LabelRange = ElementRange;

class DecoderLabels {
 public:
  // names  [C], the names of the classes; names[0] is the blank. For kLetters the separator is the
  // class " ", else "<space>", else "|"; if there is none of these, all letters form one word.
  // UsageError for fewer than two classes.
  DecoderLabels(std::vector<std::string> names, LabelKind kind);

  Index classes() const { return static_cast<Index>(names_.size()); }
  std::span<const std::string> names() const { return names_; }
  const std::string& name(Index label) const { return names_[static_cast<std::size_t>(label)]; }
  LabelKind kind() const { return kind_; }
  WordPart part(Index label) const { return parts_[static_cast<std::size_t>(label)]; }

  // The words of a labelling, without separators; none is empty.
  std::vector<LabelRange> Words(std::span<const Index> labels) const;
  // The text of the labels: their names joined, with the word mark of SentencePiece (U+2581)
  // removed.
  std::string Text(std::span<const Index> labels) const;

 private:
  std::vector<std::string> names_;
  LabelKind kind_;
  std::vector<WordPart> parts_;  // [C]
};

}  // namespace lockstep
