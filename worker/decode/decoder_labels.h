// The classes of a CTC model as a decoder sees them: how labels make words.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/types.h"

namespace lockstep {

enum class LabelKind {
  kLetters,  // characters or phones; one class, the separator, lies between words
  kWords,    // each label is a word
  kPieces,   // SentencePiece: a label that begins with U+2581 begins a word
};

// What a label does to the word before it.
enum class WordPart : std::uint8_t {
  kInside,     // goes on with it
  kStart,      // ends it, and is the first of a new one
  kSeparator,  // ends it, and belongs to none
};

// Labels [begin, end) of a labelling.
using LabelRange = ElementRange;

class DecoderLabels {
 public:
  // names  [C], [0] the blank. Letters: the separator is the class " ", else "<space>", else "|";
  // without any, all letters are one word. UsageError with fewer than two classes.
  DecoderLabels(std::vector<std::string> names, LabelKind kind);

  Index classes() const { return static_cast<Index>(names_.size()); }
  std::span<const std::string> names() const { return names_; }
  const std::string& name(Index label) const { return names_[static_cast<std::size_t>(label)]; }
  LabelKind kind() const { return kind_; }
  WordPart part(Index label) const { return parts_[static_cast<std::size_t>(label)]; }

  // The words of a labelling, without separators; none is empty.
  std::vector<LabelRange> Words(std::span<const Index> labels) const;
  // The labels as people write them: names joined, without the mark of SentencePiece.
  std::string Text(std::span<const Index> labels) const;

 private:
  std::vector<std::string> names_;
  LabelKind kind_;
  std::vector<WordPart> parts_;  // [C]
};

}  // namespace lockstep
