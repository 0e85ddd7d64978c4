#include "launch/tasks/translation/translation_writer.h"

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "launch/output/cell_text.h"

namespace lockstep {
namespace {

std::string JsonLine(const PairEncoder& encoder, Index line, const std::string& source,
                     const std::vector<Hypothesis>& hypotheses) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const Hypothesis& one : hypotheses) {
    list.push_back({{"text", encoder.TargetText(one.tokens)},
                    {"score", one.score},
                    {"log_probability", one.log_probability},
                    {"ended", one.ended},
                    {"tokens", encoder.TargetTokens(one.tokens)}});
  }
  const nlohmann::ordered_json json = {
      {"line", line},
      {"source", source},
      {"text", hypotheses.empty() ? "" : encoder.TargetText(hypotheses.front().tokens)},
      {"hypotheses", list}};
  return JsonText(json);
}

}  // namespace

TranslationFormat ParseTranslationFormat(const std::string& name) {
  if (name == "text") return TranslationFormat::kText;
  if (name == "jsonl") return TranslationFormat::kJsonl;
  throw UsageError("\"{}\" is no format of translations; there are text and jsonl", name);
}

void TranslationWriter::Write(Index line, const std::string& source,
                              const std::vector<Hypothesis>& hypotheses, std::ostream* out) const {
  if (format_ == TranslationFormat::kJsonl) {
    *out << JsonLine(encoder_, line, source, hypotheses) << '\n';
    return;
  }
  if (!several_) {
    *out << (hypotheses.empty() ? "" : CellText(encoder_.TargetText(hypotheses.front().tokens)))
         << '\n';
    return;
  }
  if (hypotheses.empty()) *out << fmt::format("{} |||  ||| 0 ||| 0\n", line - 1);
  for (const Hypothesis& one : hypotheses) {
    *out << fmt::format("{} ||| {} ||| {:.6f} ||| {:.6f}\n", line - 1,
                        CellText(encoder_.TargetText(one.tokens)), one.log_probability, one.score);
  }
}

}  // namespace lockstep
