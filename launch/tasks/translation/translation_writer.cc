#include "launch/tasks/translation/translation_writer.h"

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/json_text.h"
#include "launch/output/cell_text.h"
#include "launch/tasks/translation/unknown_words.h"

namespace lockstep {
namespace {

// The text for a column between " ||| ". Unknown words may be copied from a source, which anybody
// may have written: three bars in a row become <U+007C> each, so that no text ends its column.
std::string BarredText(const std::string& text) {
  constexpr std::string_view kBars = "|||", kShown = "<U+007C><U+007C><U+007C>";
  std::string cell = CellText(text);
  for (std::size_t at = cell.find(kBars); at != cell.npos;
       at = cell.find(kBars, at + kShown.size()))
    cell.replace(at, kBars.size(), kShown);
  return cell;
}

}  // namespace

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
  return JsonTextOfAnyBytes(json);
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
    *out << fmt::format("{} ||| {} ||| {:.6f} ||| {:.6f}\n", line - 1,
                        BarredText(TextOf(one, words)), one.log_probability, one.score);
  }
}

}  // namespace lockstep
