// What a recogniser of speech writes: letters, words, or pieces of words, as classes of a corpus.
// Class 0 is the blank of CTC and never a label.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/types.h"

namespace lockstep {

class PieceModel;

enum class UnitKind { kLetters, kWords, kPieces };
enum class LetterCase { kAsWritten, kLower, kUpper };

inline constexpr const char* kBlankName = "<blank>";
// The unit "letter" between words. A transcript may not hold the sign itself.
inline constexpr const char* kSpaceName = "|";

// UTF-8 text in another case, code point by code point; blanks at the ends taken off and runs of
// them made one. InputError (bad data) when it is no UTF-8.
std::string NormaliseTranscript(std::string_view text, LetterCase letter_case);

class Units {
 public:
  // `names` without the blank, each once; BadData for an empty or a repeated one. Not for pieces.
  Units(UnitKind kind, LetterCase letter_case, std::vector<std::string> names);
  // The pieces of a SentencePiece model; its unknown and control pieces are no units.
  Units(LetterCase letter_case, std::shared_ptr<const PieceModel> model);
  // One name a line, UTF-8; a first line "<blank>" is passed over.
  static Units FromFile(UnitKind kind, LetterCase letter_case, const std::string& path);

  // The classes of a transcript. BadData says which symbols of it are no units.
  std::vector<std::int32_t> Encode(std::string_view transcript) const;
  // Text of classes, without the blank; Encode(Text(labels)) gives the labels again for letters and
  // words.
  std::string Text(std::span<const std::int32_t> labels) const;

  // Class names, the blank first.
  const std::vector<std::string>& names() const { return names_; }
  UnitKind kind() const { return kind_; }
  // Bytes of the SentencePiece model; empty for letters and words.
  std::string ModelBytes() const;

 private:
  void IndexNames();

  UnitKind kind_;
  LetterCase letter_case_;
  std::vector<std::string> names_;
  std::map<std::string, std::int32_t, std::less<>> label_of_;
  std::shared_ptr<const PieceModel> model_;
};

// The text of labels when the names are all that is known: what a trained model needs to write.
std::string UnitsText(UnitKind kind, const std::vector<std::string>& names,
                      std::span<const std::int32_t> labels);

// "letters", "words", "pieces".
std::string UnitKindName(UnitKind kind);
// "as-written", "lower", "upper".
std::string LetterCaseName(LetterCase letter_case);

// Collects the letters or words of transcripts, whose order does not matter.
class UnitGatherer {
 public:
  UnitGatherer(UnitKind kind, LetterCase letter_case) : kind_(kind), letter_case_(letter_case) {}
  void Add(std::string_view transcript);
  // Units in the order of their bytes. BadData when there is none.
  Units Finish() const;

 private:
  UnitKind kind_;
  LetterCase letter_case_;
  std::set<std::string, std::less<>> names_;
};

}  // namespace lockstep
