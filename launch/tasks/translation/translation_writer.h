// Translations to the forms that people and tools read.
//
//   text   a line per translation; with several for each source, in the form of Moses:
//            NUMBER ||| TEXT ||| LOG PROBABILITY ||| SCORE      NUMBER counts sources from 0
//          There "|||" in a text is written as <U+007C><U+007C><U+007C>, so that it ends no column.
//   jsonl  {"line": 1, "source": "...", "text": "...",
//           "hypotheses": [{"text", "score", "log_probability", "ended", "tokens": [...]}]}
//
// A source without tokens has an empty text and no hypotheses.
#pragma once

#include <ostream>
#include <span>
#include <string>
#include <vector>

#include "data/translation/pair_encoder.h"
#include "worker/decode/token_search.h"

namespace lockstep {

enum class TranslationFormat { kText, kJsonl };
// UsageError that lists the names.
TranslationFormat ParseTranslationFormat(const std::string& name);

class TranslationWriter {
 public:
  // `several`: whether sources may have more than one hypothesis each.
  TranslationWriter(const PairEncoder& encoder, TranslationFormat format, bool several)
      : encoder_(encoder), format_(format), several_(several) {}

  // Writes the hypotheses of source number `line`, counted from 1, best first. If the words of the
  // source are given, they replace unknown words in texts (unknown_words.h); lists of tokens keep
  // the unknown ones.
  void Write(Index line, const std::string& source, std::span<const std::string> words,
             const std::vector<Hypothesis>& hypotheses, std::ostream* out) const;
  // The text of a hypothesis as Write has it.
  std::string TextOf(const Hypothesis& hypothesis, std::span<const std::string> words) const;

 private:
  std::string JsonLine(Index line, const std::string& source, std::span<const std::string> words,
                       const std::vector<Hypothesis>& hypotheses) const;

  const PairEncoder& encoder_;
  TranslationFormat format_;
  bool several_;
};

}  // namespace lockstep
