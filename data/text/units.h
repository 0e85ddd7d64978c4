// The units that a speech recogniser writes, as classes of a corpus: letters, words, or pieces of
// words. Class 0 is the blank of CTC and never a label.
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
// The unit that separates words when units are letters. A transcript must not contain this sign.
inline constexpr const char* kSpaceName = "|";

// Changes the case of a UTF-8 text, code point by code point, removes white space of Unicode at its
// ends, and replaces runs of it by one blank. Leaves control and format characters out, such as
// U+200B, except for the joiners U+200C and U+200D; a warning names each once. BadData if the text
// is not UTF-8.
std::string NormaliseTranscript(std::string_view text, LetterCase letter_case);

class Units {
 public:
  // For letters and words. `names` does not contain the blank; BadData for an empty or repeated
  // name.
  Units(UnitKind kind, LetterCase letter_case, std::vector<std::string> names);
  // For the pieces of a SentencePiece model; its unknown and control pieces are not units.
  Units(LetterCase letter_case, std::shared_ptr<const PieceModel> model);
  // Reads a UTF-8 file with one name per line; a first line "<blank>" is skipped.
  static Units FromFile(UnitKind kind, LetterCase letter_case, const std::string& path);

  // The classes of a transcript. BadData that names the symbols of it that are not units.
  std::vector<std::int32_t> Encode(std::string_view transcript) const;
  // The text of labels, which must not contain the blank. For letters and words,
  // Encode(Text(labels)) equals the labels.
  std::string Text(std::span<const std::int32_t> labels) const;

  // The names of the classes, the blank first.
  const std::vector<std::string>& names() const { return names_; }
  UnitKind kind() const { return kind_; }
  // The bytes of the SentencePiece model; empty for letters and words.
  std::string ModelBytes() const;

 private:
  void IndexNames();

  UnitKind kind_;
  LetterCase letter_case_;
  std::vector<std::string> names_;
  std::map<std::string, std::int32_t, std::less<>> label_of_;
  std::shared_ptr<const PieceModel> model_;
};

// The text of labels when only the names of the units are known, as for a trained model.
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
  // The units, sorted by their bytes. BadData if there are none.
  Units Finish() const;

 private:
  UnitKind kind_;
  LetterCase letter_case_;
  std::set<std::string, std::less<>> names_;
};

}  // namespace lockstep
