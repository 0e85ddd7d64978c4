// Text to ids, the same in the importer and in predict: rules, tokenizer, vocabulary. What it does
// is kept with a corpus as JSON text (CorpusInfo::task):
//
//   {"task": "classify", "encoding": "UTF-8",
//    "rules": {"compose": true, "lower_case": false},
//    "tokens": {"kind": "words", "split_punctuation": false}}
//
// and "model": "<base64>" in "tokens", the SentencePiece model, when they are pieces.
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
  // BadData when `words` cannot be looked up; `file` stands in the message.
  TextEncoder(const TextRules& rules, const Tokenizer& tokenizer, const Vocabulary& words,
              const std::string& file);
  // From what TaskJson gave. BadData names `file` and the place in the JSON text when it is not
  // that; nothing in it is trusted.
  static TextEncoder FromTask(const std::string& task, const Vocabulary& words,
                              const std::string& file);

  // Ids of the tokens of a text, in order. Empty for a text without a token, which no model can
  // read: the caller has to say so. BadData where the text is not UTF-8.
  std::vector<std::int32_t> Encode(std::string_view text) const;
  // The same for a text that went through the rules already.
  std::vector<std::int32_t> EncodeRuled(std::string_view text) const;

  // `encoding` is that of the files that the corpus was made from, for those who ask.
  std::string TaskJson(const std::string& encoding) const;

  // The id that Encode gives for tokens without one of their own.
  std::int32_t unknown() const { return ids_.unknown(); }

 private:
  TextRules rules_;
  Tokenizer tokenizer_;
  TokenIds ids_;
};

}  // namespace lockstep
