#include "data/text/text_summary.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <unordered_set>

#include "base/characters.h"
#include "base/error.h"
#include "base/text.h"
#include "data/text/unknown_share.h"

namespace lockstep {
namespace {

constexpr std::size_t kClassesListed = 40;
constexpr Index kNameColumns = 20;

double Percent(Index part, Index whole) {
  return whole == 0 ? 0 : 100.0 * static_cast<double>(part) / static_cast<double>(whole);
}

// Calls take(split) for each split that has a row.
template <typename Take>
void ForEachSplit(const TextSummary& summary, Take take) {
  for (int s = 0; s < kDataSplits; ++s) {
    const auto& split = summary.splits[static_cast<std::size_t>(s)];
    if (split.total() > 0) take(static_cast<DataSplit>(s), split);
  }
}

std::string ClassLine(const TextSummary& summary, std::size_t c) {
  std::string line = fmt::format("  {:<{}}", Printable(summary.classes[c]), kNameColumns);
  ForEachSplit(summary, [&](DataSplit, const TextSummary::Split& split) {
    line += fmt::format(" {:>12}", split.rows[c]);
  });
  return line;
}

std::string TokenLine(const TextSummary& summary) {
  if (summary.different_tokens == 0) {
    return fmt::format("{} tokens have ids, the unknown one included", summary.words);
  }
  return fmt::format(
      "{} tokens have ids, the unknown one included, of {} different ones in the training split",
      summary.words, summary.different_tokens);
}

void WarnOfKnownTexts(const TextSummary& summary, std::vector<std::string>* warnings) {
  ForEachSplit(summary, [&](DataSplit s, const TextSummary::Split& split) {
    if (split.in_train == 0) return;
    warnings->push_back(fmt::format(
        "{} of the {} texts of the split \"{}\" ({:.1f} %) are also in the training split, "
        "so that its figures will look better than they are",
        split.in_train, split.total(), DataSplitName(s), Percent(split.in_train, split.total())));
  });
}

// Classes whose names are the same number, as of tables of which only some have missing values.
void WarnOfEqualClasses(const TextSummary& summary, std::vector<std::string>* warnings) {
  std::map<double, std::string> by_value;
  for (const std::string& name : summary.classes) {
    double value = 0;
    constexpr double kExact = 9007199254740992.0;  // 2^53: larger integers may share a double
    if (!ReadNumber(name, &value) || !(std::abs(value) < kExact)) continue;
    const auto [found, is_new] = by_value.emplace(value, name);
    if (is_new) continue;
    warnings->push_back(
        fmt::format("{} and {} are two classes, but the same number; if they mean the same, write "
                    "them alike in "
                    "all files",
                    Printable(found->second), Printable(name)));
  }
}

void WarnOfUnknown(const TextSummary& summary, std::vector<std::string>* warnings) {
  const TextSummary::Split& train = summary.splits[0];
  // If a vocabulary is given or pieces are trained, the vocabulary was chosen by the user.
  if (train.tokens == 0 || train.unknown > 0 || summary.different_tokens == 0) return;
  warnings->push_back(
      "no token of the training split is unknown, so that the id of unknown tokens is never "
      "trained; a larger --min-count makes rare words train it");
}

}  // namespace

Index TextSummary::Split::total() const {
  return std::accumulate(rows.begin(), rows.end(), Index{0});
}

TextSummary SummaryOf(const TextPlan& plan) {
  const TextSurvey& survey = plan.survey;
  TextSummary summary;
  summary.classes = survey.classes;
  summary.words = static_cast<Index>(plan.words.names.size());
  summary.different_tokens = plan.different_tokens;
  summary.files = survey.files;
  summary.empty = survey.empty;
  summary.blank_lines = survey.blank_lines;
  summary.composed = survey.composed;
  summary.invisible = survey.invisible;
  summary.first_invisible = survey.first_invisible;
  summary.c1_controls = survey.c1_controls;
  std::unordered_set<std::uint64_t> training_texts;
  for (const SurveyedRow& row : survey.rows) {
    if (row.split == DataSplit::kTrain) training_texts.insert(row.text_hash);
  }
  for (auto& split : summary.splits) split.rows.assign(survey.classes.size(), 0);
  for (const SurveyedRow& row : survey.rows) {
    TextSummary::Split& split = summary.splits[static_cast<std::size_t>(row.split)];
    ++split.rows[static_cast<std::size_t>(row.label)];
    const bool known = row.split != DataSplit::kTrain && training_texts.contains(row.text_hash);
    split.in_train += known ? 1 : 0;
  }
  return summary;
}

void AddText(const std::vector<std::int32_t>& ids, std::int32_t unknown,
             TextSummary::Split* split) {
  const auto size = static_cast<Index>(ids.size());
  split->tokens += size;
  split->unknown += std::count(ids.begin(), ids.end(), unknown);
  split->longest = std::max(split->longest, size);
}

std::vector<std::string> SummaryLines(const TextSummary& summary) {
  std::vector<std::string> lines = {fmt::format("  {:<{}}", "class", kNameColumns)};
  std::string all = fmt::format("  {:<{}}", "all", kNameColumns);
  ForEachSplit(summary, [&](DataSplit s, const TextSummary::Split& split) {
    lines[0] += fmt::format(" {:>12}", DataSplitName(s));
    all += fmt::format(" {:>12}", split.total());
  });
  const std::size_t listed = std::min(summary.classes.size(), kClassesListed);
  for (std::size_t c = 0; c < listed; ++c) lines.push_back(ClassLine(summary, c));
  if (listed < summary.classes.size()) {
    lines.push_back(fmt::format("  and {} more classes", summary.classes.size() - listed));
  }
  lines.push_back(all);
  lines.push_back(TokenLine(summary));
  ForEachSplit(summary, [&](DataSplit s, const TextSummary::Split& split) {
    lines.push_back(fmt::format("{}: {} tokens, {:.2f} % of them unknown, {} in the longest text",
                                DataSplitName(s), split.tokens,
                                Percent(split.unknown, split.tokens), split.longest));
  });
  return lines;
}

std::vector<std::string> SummaryWarnings(const TextSummary& summary) {
  std::vector<std::string> warnings;
  WarnOfKnownTexts(summary, &warnings);
  WarnOfUnknown(summary, &warnings);
  ForEachSplit(summary, [&](DataSplit s, const TextSummary::Split& split) {
    const std::string warning = UnknownShareWarning(DataSplitName(s), split.unknown, split.tokens,
                                                    summary.different_tokens > 0);
    if (!warning.empty()) warnings.push_back(warning);
  });
  WarnOfEqualClasses(summary, &warnings);
  const auto add = [&](Index count, const std::string& text) {
    if (count > 0) warnings.push_back(fmt::format("{} {}", count, text));
  };
  add(summary.empty, "rows without a text were left out (--skip-empty)");
  add(summary.blank_lines, "blank lines were passed over");
  add(summary.composed, "texts were changed by Unicode composition (NFC); --no-compose keeps them");
  add(summary.invisible,
      fmt::format("texts hold control or zero-width characters, which they keep; the first is {}{}",
                  summary.first_invisible,
                  summary.c1_controls ? "; U+0080 to U+009F often mean that the encoding of the "
                                        "file is another one: try --encoding windows-1252"
                                      : ""));
  return warnings;
}

}  // namespace lockstep
