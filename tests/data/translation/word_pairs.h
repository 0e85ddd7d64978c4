// An encoder of a few words of two languages, without files.
#pragma once

#include <string>
#include <vector>

#include "data/translation/pair_encoder.h"

namespace lockstep {

inline Vocabulary WordsNamed(const std::string& name, std::vector<std::string> names) {
  Vocabulary words;
  words.name = name;
  words.names = std::move(names);
  words.unknown = 0;
  AddSequenceEnd(&words);
  return words;
}

// Ids of the target: 1 ein, 2 Hund, 3 comma, 4 full stop, 5 the end; 0 is unknown.
inline PairEncoder WordPairs(const TokenizerOptions& tokens = {TokenKind::kWords, true}) {
  const Vocabulary source = WordsNamed("source", {"<unk>", "a", "dog"});
  const Vocabulary target = WordsNamed("target", {"<unk>", "ein", "Hund", ",", "."});
  return {TextEncoder({}, Tokenizer(tokens), source, "test"),
          TextEncoder({}, Tokenizer(tokens), target, "test"),
          source,
          target,
          false,
          "test"};
}

}  // namespace lockstep
