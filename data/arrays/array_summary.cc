#include "data/arrays/array_summary.h"

#include <algorithm>

#include "base/error.h"

namespace lockstep {
namespace {

constexpr std::size_t kMostRows = 40;

void AddSplits(const ArrayCorpusSummary& summary, std::vector<std::string>* lines) {
  lines->push_back(
      fmt::format("{:<20} {:>12} {:>14} {:>12}", "split", "sequences", "steps", "longest"));
  for (int s = 0; s < kDataSplits; ++s) {
    const auto split = static_cast<DataSplit>(s);
    const auto at = static_cast<std::size_t>(s);
    const Index sequences = summary.survey.SequencesOf(split);
    if (sequences == 0) continue;
    lines->push_back(fmt::format("{:<20} {:>12} {:>14} {:>12}", DataSplitName(split), sequences,
                                 summary.measures.steps[at], summary.measures.longest[at]));
  }
}

void AddColumns(const char* what, const std::vector<ColumnMoments>& moments,
                const std::vector<ColumnScale>& scales, std::vector<std::string>* lines) {
  if (moments.empty() || moments[0].count() == 0) return;  // no training split
  lines->push_back(fmt::format("{:<20} {:>12} {:>14} {:>12} {:>12}", what, "mean", "deviation",
                               "least", "largest"));
  for (std::size_t c = 0; c < std::min(moments.size(), kMostRows); ++c) {
    lines->push_back(fmt::format("{:<20} {:>12.6g} {:>14.6g} {:>12.6g} {:>12.6g}", scales[c].name,
                                 moments[c].mean(), moments[c].standard_deviation(),
                                 moments[c].least(), moments[c].largest()));
  }
  if (moments.size() > kMostRows) {
    lines->push_back(fmt::format("and {} more", moments.size() - kMostRows));
  }
}

void AddClasses(const ArrayCorpusSummary& summary, std::vector<std::string>* lines) {
  const std::vector<std::string>& names = summary.survey.classes.names();
  const std::vector<std::int32_t> order = summary.survey.classes.Order();
  std::vector<std::string> rows(names.size());
  for (std::size_t c = 0; c < names.size(); ++c) {
    const auto& counts = summary.measures.class_counts[c];
    rows[static_cast<std::size_t>(order[c])] =
        fmt::format("{:<20} {:>12} {:>14} {:>12}", names[c], counts[0], counts[1], counts[2]);
  }
  lines->push_back(fmt::format("{:<20} {:>12} {:>14} {:>12}", "class", "train", "valid", "test"));
  for (std::size_t r = 0; r < std::min(rows.size(), kMostRows); ++r) lines->push_back(rows[r]);
  if (rows.size() > kMostRows) {
    lines->push_back(fmt::format("and {} more classes", rows.size() - kMostRows));
  }
}

void AddConstants(const std::vector<ColumnMoments>& moments, const std::vector<ColumnScale>& scales,
                  const char* what, std::vector<std::string>* warnings) {
  std::vector<std::string> names;
  for (std::size_t c = 0; c < moments.size(); ++c) {
    if (moments[c].is_constant()) names.push_back(fmt::format("\"{}\"", scales[c].name));
  }
  if (names.empty()) return;
  const std::size_t listed = std::min(names.size(), kMostRows);
  warnings->push_back(fmt::format(
      "{} of {} {}s never change in the training split, so that a model learns nothing from them: "
      "{}",
      names.size(), moments.size(), what,
      fmt::join(names.begin(), names.begin() + static_cast<std::ptrdiff_t>(listed), ", ")));
}

}  // namespace

std::vector<std::string> SummaryLines(const ArrayCorpusSummary& summary) {
  const ArraySurvey& survey = summary.survey;
  std::vector<std::string> lines;
  AddSplits(summary, &lines);
  AddColumns("input", summary.measures.inputs, summary.task.inputs, &lines);
  std::vector<std::string> names;
  for (const ColumnScale& column : summary.task.targets) names.push_back(column.name);
  lines.push_back(fmt::format("targets: {}, {} per {}", fmt::join(names, ", "),
                              survey.has_classes ? "a class" : "real values",
                              survey.per_step ? "step" : "sequence"));
  AddColumns("target", summary.measures.targets, summary.task.targets, &lines);
  if (survey.has_classes) AddClasses(summary, &lines);
  for (const auto& line : DescribeMissing("input", survey.columns.inputs, survey.inputs)) {
    lines.push_back(line);
  }
  if (summary.filled.by_mean + summary.filled.by_previous > 0) {
    lines.push_back(
        fmt::format("missing inputs ({}): {} became the mean of their column, {} the value before; "
                    "{} inputs say "
                    "what was missing",
                    MissingRuleName(summary.task.missing_rule), summary.filled.by_mean,
                    summary.filled.by_previous,
                    summary.task.input_width() - static_cast<Index>(summary.task.inputs.size())));
  }
  return lines;
}

std::vector<std::string> SummaryWarnings(const ArrayCorpusSummary& summary) {
  const ArraySurvey& survey = summary.survey;
  std::vector<std::string> warnings;
  if (!survey.columns.left_out.empty()) {
    warnings.push_back(fmt::format(
        "columns that hold text were left out of the inputs: {}; --input-columns names the inputs",
        fmt::join(survey.columns.left_out, ", ")));
  }
  AddConstants(summary.measures.inputs, summary.task.inputs, "input", &warnings);
  AddConstants(summary.measures.targets, summary.task.targets, "target", &warnings);
  for (const auto& line : DescribeMissing("target", survey.columns.targets, survey.targets)) {
    warnings.push_back(line + "; they count in no loss");
  }
  if (survey.dropped > 0) {
    warnings.push_back(
        fmt::format("{} sequences were left out, because they have no target", survey.dropped));
  }
  return warnings;
}

}  // namespace lockstep
