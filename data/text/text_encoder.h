// Turns text into ids, in the same way in the importer and in predict: applies rules, tokenizer and
// vocabulary. Its settings are stored with a corpus as JSON text (CorpusInfo::task):
//
//   {"task": "classify", "encoding": "UTF-8",
//    "rules": {"compose": true, "lower_case": false},
//    "tokens": {"kind": "words", "split_punctuation": false}}
//
// For pieces, "tokens" also holds the SentencePiece model as "model": "<base64>".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "data/batch/schema.h"
#include "data/text/text_rules.h"
#include "data/text/tokenizer.h"
#include "data/text/vocabulary.h"

namespace lockstep {

class TextEncoder {
 public:
  // BadData that names `file` if TokenIds cannot use the vocabulary `words`.
  TextEncoder(const TextRules& rules, const Tokenizer& tokenizer, const Vocabulary& words,
              const std::string& file);
  // Makes an encoder from the result of TaskJson. The text is not trusted: BadData that names
  // `file` and the place in the JSON text if anything is wrong.
  static TextEncoder FromTask(const std::string& task, const Vocabulary& words,
                              const std::string& file);

  // The ids of the tokens of a text, in order. Empty for a text without tokens, which no model can
  // read; the caller must handle this. BadData if the text is not UTF-8.
  std::vector<std::int32_t> Encode(std::string_view text) const;
  // The same for a text to which the rules were applied already.
  std::vector<std::int32_t> EncodeRuled(std::string_view text) const;

  // The settings as JSON text. `encoding` is that of the files from which the corpus was made; it
  // is only stored for information.
  std::string TaskJson(const std::string& encoding) const;

  const TextRules& rules() const { return rules_; }
  const Tokenizer& tokenizer() const { return tokenizer_; }
  // The id that Encode returns for tokens without an id.
  std::int32_t unknown() const { return ids_.unknown(); }

 private:
  TextRules rules_;
  Tokenizer tokenizer_;
  TokenIds ids_;
};

}  // namespace lockstep
