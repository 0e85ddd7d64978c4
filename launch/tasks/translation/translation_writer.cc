#include "launch/tasks/translation/translation_writer.h"

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "launch/output/cell_text.h"
#include "launch/tasks/translation/unknown_words.h"

namespace lockstep {

TranslationFormat ParseTranslationFormat(const std::string& name) {
  if (name == "text") return TranslationFormat::kText;
  if (name == "jsonl") return TranslationFormat::kJsonl;
  throw UsageError("\"{}\" is no format of translations; there are text and jsonl", name);
}

std::string TranslationWriter::TextOf(const Hypothesis& hypothesis,
                                      std::span<const std::string> words) const {
  if (words.empty()) return encoder_.TargetText(hypothesis.tokens);
  return encoder_.JoinTarget(ReplaceUnknown(encoder_, hypothesis, words));
}

std::string TranslationWriter::JsonLine(Index line, const std::string& source,
                                        std::span<const std::string> words,
                                        const std::vector<Hypothesis>& hypotheses) const {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const Hypothesis& one : hypotheses) {
    list.push_back({{"text", TextOf(one, words)},
                    {"score", one.score},
                    {"log_probability", one.log_probability},
                    {"ended", one.ended},
                    {"tokens", encoder_.TargetTokens(one.tokens)}});
  }
  const nlohmann::ordered_json json = {
      {"line", line},
      {"source", source},
      {"text", hypotheses.empty() ? "" : TextOf(hypotheses.front(), words)},
      {"hypotheses", list}};
  return JsonText(json);
}

void TranslationWriter::Write(Index line, const std::string& source,
                              std::span<const std::string> words,
                              const std::vector<Hypothesis>& hypotheses, std::ostream* out) const {
  if (format_ == TranslationFormat::kJsonl) {
    *out << JsonLine(line, source, words, hypotheses) << '\n';
    return;
  }
  if (!several_) {
    *out << (hypotheses.empty() ? "" : CellText(TextOf(hypotheses.front(), words))) << '\n';
    return;
  }
  if (hypotheses.empty()) *out << fmt::format("{} |||  ||| 0 ||| 0\n", line - 1);
  for (const Hypothesis& one : hypotheses) {
    *out << fmt::format("{} ||| {} ||| {:.6f} ||| {:.6f}\n", line - 1, CellText(TextOf(one, words)),
                        one.log_probability, one.score);
  }
}

}  // namespace lockstep
