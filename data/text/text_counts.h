// How much text there is, in the units that figures of language models are given per.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "base/types.h"
#include "data/text/text_pieces.h"

namespace lockstep {

struct TextCounts {
  Index symbols = 0;  // ids, those for the ends of lines included
  Index unknown = 0;  // of them, the unknown one
  Index lines = 0;
  Index words = 0;  // runs of characters that are no white space (Unicode)
  // Code points of the text before the rules, and bytes of it in UTF-8, whatever the encoding of
  // the file is. The end of a line is one of each; a byte order mark counts as nothing.
  Index characters = 0;
  Index bytes = 0;
};

// Counts pieces of text; a word may extend over several.
class TextCounter {
 public:
  // Adds a piece, all but its symbols.
  void Add(const TextPieces::Piece& piece, TextCounts* counts);

 private:
  bool in_word_ = false;
};

// The counts of the splits of a corpus as its provenance keeps them, and those of one split;
// nothing if the provenance does not tell them.
nlohmann::json ToJson(const TextCounts& counts);
std::optional<TextCounts> CountsOfSplit(const std::string& provenance, const std::string& split);

}  // namespace lockstep
