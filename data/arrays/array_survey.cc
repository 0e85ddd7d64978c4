#include "data/arrays/array_survey.h"

#include <algorithm>
#include <cmath>

#include "base/characters.h"
#include "base/error.h"
#include "base/work_progress.h"
#include "data/arrays/array_table_layout.h"
#include "data/arrays/number_cell.h"
#include "data/arrays/target_finder.h"

namespace lockstep {
namespace {

constexpr std::size_t kMostDescribed = 20;

// The group that a sequence is divided evenly by: its class, where it has one only.
constexpr std::int32_t kMixedLabels = -3;
std::int32_t GroupOf(const ArraySequence& sequence) {
  if (sequence.labels.empty()) return kMixedLabels;
  const std::int32_t first = sequence.labels[0];
  const bool one = std::all_of(sequence.labels.begin(), sequence.labels.end(),
                               [&](std::int32_t label) { return label == first; });
  return one ? first : kMixedLabels;
}

DataSplit SplitNamed(const ArraySequence& sequence, const std::string& column) {
  for (int s = 0; s < kDataSplits; ++s) {
    if (sequence.split == DataSplitName(static_cast<DataSplit>(s)))
      return static_cast<DataSplit>(s);
  }
  throw BadData(
      "{}: column \"{}\" is {}, allowed are train, valid and test; rename the value in the file",
      PlaceOfSequence(sequence), column, Printable(sequence.split));
}

// Number of the file of a sequence, which names it by its path; they come in order.
std::uint32_t NumberOfFile(const std::vector<std::string>& files, const std::string& file,
                           std::uint32_t previous) {
  while (previous + 1 < files.size() && files[previous] != file) ++previous;
  return previous;
}

void CountMissing(std::span<const double> values, const ArraySequence& sequence, bool is_target,
                  std::vector<MissingCount>* counts) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!std::isnan(values[i])) continue;
    MissingCount& of_column = (*counts)[i % counts->size()];
    const Index row = static_cast<Index>(i / counts->size());
    if (of_column.count++ > 0) continue;
    of_column.first = is_target ? PlaceOfTarget(sequence, row) : PlaceOfStep(sequence, row);
  }
}

bool HasTarget(const ArraySequence& sequence, bool has_classes) {
  if (has_classes) {
    return std::any_of(sequence.labels.begin(), sequence.labels.end(),
                       [](std::int32_t label) { return label != kMissingLabel; });
  }
  return std::any_of(sequence.targets.begin(), sequence.targets.end(),
                     [](double value) { return !std::isnan(value); });
}

// Numbers with decimal commas were read as texts, and nobody has said that these are classes.
void RequireNames(const ClassNames& classes) {
  const std::vector<std::string>& names = classes.names();
  const auto is_number = [](const std::string& name) {
    return HasDecimalComma(name) || ParseNumberCell(name).kind == NumberKind::kFinite;
  };
  if (classes.given() || !std::ranges::all_of(names, is_number)) return;
  if (std::ranges::none_of(names, HasDecimalComma)) return;
  throw BadData(
      "the numbers of the target have decimal commas, such as {}; write them with points, or give "
      "--target class if they are the names of classes",
      Printable(*std::ranges::find_if(names, HasDecimalComma)));
}

class Surveyor {
 public:
  explicit Surveyor(const ArrayCorpusOptions& options)
      : options_(options),
        finder_(options.read.target, options.read.per, !options.classes.empty()) {
    survey_.read = options.read;
    survey_.classes = ClassNames(options.classes);
  }

  ArraySurvey Run() {
    for (int s = 0; s < kDataSplits; ++s) ReadSplit(static_cast<DataSplit>(s));
    survey_.read.target = finder_.Kind();
    survey_.has_classes = survey_.read.target == TargetKind::kClass;
    if (survey_.has_classes && options_.read.target != TargetKind::kClass && !CommasSeparate())
      RequireNames(survey_.classes);
    survey_.per_step = finder_.Per() == TargetPer::kStep;
    if (options_.draw.draws()) Draw();
    return std::move(survey_);
  }

 private:
  // Where commas stand between columns, those in quotes may be anything: "1,2" may be two labels.
  bool CommasSeparate() const {
    const std::vector<std::string>& files = options_.FilesOf(DataSplit::kTrain).files;
    return !files.empty() && DelimiterOf(options_.read.table, files[0]) == ',';
  }

  void ReadSplit(DataSplit split) {
    const ArrayFiles& files = options_.FilesOf(split);
    if (!files.any()) return;
    const auto source = OpenArraySource(files, survey_.read, &survey_.classes);
    TakeColumns(source->columns(), files);
    std::uint32_t file = 0;
    for (ArraySequence sequence; source->Next(&sequence);) {
      progress_.Tell(
          -1, [&] { return fmt::format("{} sequences looked at", survey_.sequences.size()); });
      file = NumberOfFile(files.files, sequence.file, file);
      Take(sequence, split, file);
    }
  }

  void TakeColumns(const ArrayColumns& columns, const ArrayFiles& files) {
    const std::string path = PathsOf(files)[0];
    if (columns.targets.empty()) {
      throw UsageError(
          "{}: no target is named; give --target-columns for a table, --targets for arrays", path);
    }
    if (survey_.sequences.empty()) {
      survey_.columns = columns;
      const auto statics = static_cast<std::ptrdiff_t>(options_.read.table.static_columns.size());
      survey_.read.table.input_columns.assign(columns.inputs.begin(),
                                              columns.inputs.end() - statics);
      return;
    }
    // Tables are read by name; arrays have no names that could differ.
    if (columns.inputs.size() == survey_.columns.inputs.size() &&
        columns.targets.size() == survey_.columns.targets.size()) {
      return;
    }
    throw BadData(
        "{}: has {} inputs and {} targets, the training split {} and {}; all splits must have the "
        "same",
        path, columns.inputs.size(), columns.targets.size(), survey_.columns.inputs.size(),
        survey_.columns.targets.size());
  }

  void Take(const ArraySequence& sequence, DataSplit split, std::uint32_t file) {
    SurveyedSequence surveyed{sequence.steps, file, split, split, false};
    if (options_.has_split_column()) {
      surveyed.split = SplitNamed(sequence, options_.read.table.split_column);
    }
    finder_.Add(sequence, survey_.columns);
    survey_.sequences.push_back(surveyed);
    if (options_.draw.draws()) groups_.push_back(GroupOf(sequence));
  }

  // Splits are drawn before sequences without a target are dropped, so that what is dropped moves
  // no other sequence.
  void Draw() {
    const std::vector<std::int32_t> order = survey_.classes.Order();
    std::vector<DrawnRow> rows;
    std::vector<std::size_t> numbers;
    for (std::size_t i = 0; i < survey_.sequences.size(); ++i) {
      if (survey_.sequences[i].source != DataSplit::kTrain) continue;
      // Ids by first appearance become ids of the corpus, which do not depend on it.
      const bool is_class = survey_.has_classes && groups_[i] >= 0;
      rows.push_back({survey_.sequences[i].file, i,
                      is_class ? order[static_cast<std::size_t>(groups_[i])] : kMixedLabels});
      numbers.push_back(i);
    }
    const std::vector<DataSplit> splits = DrawSplits(rows, options_.draw);
    for (std::size_t r = 0; r < rows.size(); ++r) survey_.sequences[numbers[r]].split = splits[r];
  }

  const ArrayCorpusOptions& options_;
  TargetFinder finder_;
  ArraySurvey survey_;
  WorkProgress progress_{"prepare"};
  std::vector<std::int32_t> groups_;  // as survey_.sequences
};

void RefuseMissing(const ArrayCorpusOptions& options, const ArraySurvey& survey) {
  const auto inputs = DescribeMissing("input", survey.columns.inputs, survey.inputs);
  if (options.missing_rule == MissingRule::kRefuse && !inputs.empty()) {
    throw BadData(
        "{}; fill them in, or give --missing-values mean, --missing-values previous or "
        "--missing-values indicator",
        fmt::join(inputs, "; "));
  }
  const auto targets = DescribeMissing("target", survey.columns.targets, survey.targets);
  if (options.skip_missing_targets || targets.empty()) return;
  throw BadData("{}; fill them in, or give --skip-missing-targets to leave out what has none",
                fmt::join(targets, "; "));
}

// Reads all sequences again, now that it is known what their targets are.
void CountAllMissing(const ArrayCorpusOptions& options, ArraySurvey* survey) {
  survey->inputs.resize(survey->columns.inputs.size());
  survey->targets.resize(survey->columns.targets.size());
  std::size_t next = 0;
  ForEachSurveyed(options, survey, [&](const SurveyedSequence&, const ArraySequence& sequence) {
    CountMissing(sequence.inputs, sequence, false, &survey->inputs);
    if (survey->has_classes) {
      for (std::size_t row = 0; row < sequence.labels.size(); ++row) {
        if (sequence.labels[row] != kMissingLabel || survey->targets[0].count++ > 0) continue;
        survey->targets[0].first = PlaceOfTarget(sequence, static_cast<Index>(row));
      }
    } else {
      CountMissing(sequence.targets, sequence, true, &survey->targets);
    }
    if (!HasTarget(sequence, survey->has_classes)) {
      survey->sequences[next].dropped = true;
      ++survey->dropped;
    }
    ++next;
  });
}

}  // namespace

Index ArraySurvey::SequencesOf(DataSplit split) const {
  return std::count_if(sequences.begin(), sequences.end(), [&](const SurveyedSequence& sequence) {
    return sequence.split == split && !sequence.dropped;
  });
}

std::vector<std::string> DescribeMissing(const char* what, const std::vector<std::string>& names,
                                         const std::vector<MissingCount>& counts) {
  std::vector<std::string> lines;
  std::size_t columns = 0;
  for (std::size_t c = 0; c < counts.size(); ++c) {
    if (counts[c].count == 0 || ++columns > kMostDescribed) continue;
    const std::string_view text =
        counts[c].count == 1 ? "1 value is missing, in" : "values are missing, the first in";
    const std::string number = counts[c].count == 1 ? "" : fmt::format("{} ", counts[c].count);
    lines.push_back(
        fmt::format("{} \"{}\": {}{} {}", what, names[c], number, text, counts[c].first));
  }
  if (columns > kMostDescribed) {
    lines.push_back(fmt::format("{} columns of {}s have missing values in all", columns, what));
  }
  return lines;
}

ArraySurvey SurveyArrays(const ArrayCorpusOptions& options) {
  ArraySurvey survey = Surveyor(options).Run();
  CountAllMissing(options, &survey);
  RefuseMissing(options, survey);
  if (options.like || survey.SequencesOf(DataSplit::kTrain) > 0) return survey;
  throw BadData(
      "no sequence is left for training: {} were read, {} of them left out because they have no "
      "target; add data, or draw smaller validation and test splits",
      survey.sequences.size(), survey.dropped);
}

void ForEachSurveyed(const ArrayCorpusOptions& options, ArraySurvey* survey, UseSequence use) {
  std::size_t next = 0;
  const auto fail = [](const std::string& file) {
    throw BadData("{}: the file changed while it was read; start again when it is complete", file);
  };
  const std::size_t classes = survey->classes.names().size();
  WorkProgress progress("prepare");
  for (int s = 0; s < kDataSplits; ++s) {
    const ArrayFiles& files = options.FilesOf(static_cast<DataSplit>(s));
    if (!files.any()) continue;
    const auto source = OpenArraySource(files, survey->read, &survey->classes);
    for (ArraySequence sequence; source->Next(&sequence); ++next) {
      const bool same = next < survey->sequences.size() &&
                        survey->sequences[next].steps == sequence.steps &&
                        survey->classes.names().size() == classes;
      if (!same) fail(sequence.file);
      if (!survey->per_step) CondenseTargets(&sequence);
      if (!survey->sequences[next].dropped) use(survey->sequences[next], sequence);
      progress.Tell(
          static_cast<double>(next + 1) / static_cast<double>(survey->sequences.size()),
          [&] { return fmt::format("{} of {} sequences", next + 1, survey->sequences.size()); });
    }
    const bool complete = next == survey->sequences.size() ||
                          survey->sequences[next].source != static_cast<DataSplit>(s);
    if (!complete) fail(PathsOf(files).back());
  }
}

}  // namespace lockstep
