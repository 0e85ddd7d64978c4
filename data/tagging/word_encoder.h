// Turns the words of a sentence into the input fields of a tagger, in the same way in the importer
// and in predict. Its settings are stored with a corpus as JSON text (CorpusInfo::task):
//
//   {"task": "tag", "rules": {"compose": true, "lower_case": true, "zero_digits": false},
//    "once": [812, 1402]}
//
// "rules" also have "lower_characters": true where characters are lower case. "once" are the ids of
// the words that occur once in training, from the first to the one after the last. The fields are
//   "words"       ids of the words after all rules, int32, one per step
//   "characters"  ids of the characters of each word as it is written (with lower_characters: of
//                 the word in lower case), a list per step
//   "shapes"      the shape of each word as it is written (word_shape.h), one per step
//   "targets"     ids of tags, one per step
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "data/batch/schema.h"
#include "data/text/text_rules.h"
#include "data/text/vocabulary.h"

namespace lockstep {

struct WordRules {
  TextRules text;            // composition holds for characters, too; lower case for words alone
  bool zero_digits = false;  // words have 0 for each of 0 to 9 (Lample et al. 2016)
  // Characters are lower case, so that the shapes alone tell the case of a word: what a model
  // learns of the spelling of names from text without capitals then holds for text with them.
  bool lower_characters = false;
};

// The ids of words that occur once in training.
struct OnceRange {
  Index begin = 0;
  Index end = 0;
};

struct EncodedWords {
  std::vector<std::int32_t> words;
  std::vector<std::int32_t> lengths;     // of the list of characters of each word
  std::vector<std::int32_t> characters;  // the lists, one after another
  std::vector<std::uint8_t> shapes;
  // The record of the field "characters": the lengths, then the lists.
  std::vector<std::int32_t> CharacterRecord() const;
};

class WordEncoder {
 public:
  // Characters that are kept of a longer word: half of them from its beginning, half from its end.
  static constexpr std::size_t kMostCharacters = 64;

  // BadData that names `file` if the vocabularies cannot be used.
  WordEncoder(const WordRules& rules, const OnceRange& once, const Vocabulary& words,
              const Vocabulary& characters, const std::string& file);
  // Makes an encoder from a corpus's task and schema, which are not trusted: BadData that names
  // `file` and what is wrong.
  static WordEncoder FromTask(const std::string& task, const Schema& schema,
                              const std::string& file);

  EncodedWords Encode(std::span<const std::string> tokens) const;
  std::string TaskJson() const;
  const WordRules& rules() const { return rules_; }
  const OnceRange& once() const { return once_; }
  std::int32_t unknown() const { return words_.unknown(); }

 private:
  WordRules rules_;
  OnceRange once_;
  TokenIds words_;
  TokenIds characters_;
};

// The word whose id "words" has, and the characters of "characters".
std::string RuledWord(const WordRules& rules, std::string_view token);
std::vector<std::string> CharactersOf(const WordRules& rules, std::string_view token);

// The schema of corpora for taggers.
Schema TaggingSchema(const Vocabulary& words, const Vocabulary& characters, const Vocabulary& tags);
// Whether a schema is one of those.
bool IsTaggingSchema(const Schema& schema);

}  // namespace lockstep
