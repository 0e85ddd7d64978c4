// Turns the texts of a pair into ids and ids of the target into text, in the same way in the
// importer and in predict. Its settings are stored with a corpus as JSON text (CorpusInfo::task),
// as those of TextEncoder for each side:
//
//   {"task": "translate", "shared": false,
//    "source": {"rules": {...}, "tokens": {...}}, "target": {"rules": {...}, "tokens": {...}}}
//
// With one vocabulary for both sides, "target" is left out, for it is the same.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "data/batch/schema.h"
#include "data/text/text_encoder.h"

namespace lockstep {

// CorpusInfo::kind of parallel text.
inline constexpr const char* kTranslationKind = "translation";
// The token that ends each sequence, source and target, and that the decoder reads before the first
// one. No text holds it: where it is spelt, it is unknown.
inline constexpr const char* kSequenceEndName = "</s>";

// Adds the symbol for the end of a sequence to a vocabulary, unless it is there.
void AddSequenceEnd(Vocabulary* vocabulary);

class PairEncoder {
 public:
  // Vocabularies with ends. With `shared` both sides are equal. BadData that names `file` if a
  // vocabulary lacks its end.
  PairEncoder(TextEncoder source, TextEncoder target, const Vocabulary& source_words,
              const Vocabulary& target_words, bool shared, const std::string& file);
  // Makes an encoder from the result of TaskJson and the schema of the corpus. The text is not
  // trusted: BadData that names `file` and the place in the JSON text if anything is wrong.
  static PairEncoder FromTask(const std::string& task, const Schema& schema,
                              const std::string& file);

  // The ids of a text, the end last; the text comes after the rules. Only the end for a text
  // without tokens.
  std::vector<std::int32_t> SourceIds(std::string_view ruled) const;
  std::vector<std::int32_t> TargetIds(std::string_view ruled) const;
  // The text of target ids without the end: words with blanks between them, signs of punctuation
  // where they belong if the tokenizer has split them off (punctuation.h), characters and pieces as
  // they join.
  std::string TargetText(std::span<const std::int32_t> ids) const;
  // The same for tokens, among which may be words without an id.
  std::string JoinTarget(const std::vector<std::string>& tokens) const;
  // The text of source ids, whose last one may be the end, in the same form.
  std::string SourceText(std::span<const std::int32_t> ids) const;
  // The tokens of ids by their names, for pictures and lists.
  std::vector<std::string> SourceTokens(std::span<const std::int32_t> ids) const;
  std::vector<std::string> TargetTokens(std::span<const std::int32_t> ids) const;

  // The settings as JSON text.
  std::string TaskJson() const;

  const TextEncoder& source() const { return source_; }
  const TextEncoder& target() const { return target_; }
  const Vocabulary& source_words() const { return source_words_; }
  const Vocabulary& target_words() const { return target_words_; }
  bool shared() const { return shared_; }

 private:
  TextEncoder source_;
  TextEncoder target_;
  Vocabulary source_words_;
  Vocabulary target_words_;
  bool shared_;
};

}  // namespace lockstep
