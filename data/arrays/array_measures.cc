#include "data/arrays/array_measures.h"

#include <algorithm>
#include <cmath>

#include "base/characters.h"
#include "base/error.h"

namespace lockstep {
namespace {

constexpr std::size_t kMostListed = 20;
constexpr const char* kRemedy =
    "add training data, leave the column or class out, or draw the splits in another way (--seed, "
    "--fold, --valid-fraction, --test-fraction)";

// Where a class was found first outside of the training split.
using FirstPlaces = std::vector<std::string>;

void FailWith(const std::vector<std::string>& problems) {
  if (problems.empty()) return;
  const std::size_t listed = std::min(problems.size(), kMostListed);
  const std::string more =
      problems.size() == listed ? "" : fmt::format("; and {} more", problems.size() - listed);
  throw BadData(
      "a model cannot learn from this data: {}{}; {}",
      fmt::join(problems.begin(), problems.begin() + static_cast<std::ptrdiff_t>(listed), "; "),
      more, kRemedy);
}

void CheckColumns(const std::vector<ColumnMoments>& moments, const std::vector<std::string>& names,
                  const char* what, std::vector<std::string>* problems) {
  for (std::size_t c = 0; c < moments.size(); ++c) {
    if (moments[c].count() > 0) continue;
    problems->push_back(
        fmt::format("{} \"{}\" has no value at all in the training split", what, names[c]));
  }
}

void CheckClasses(const ArraySurvey& survey, const ArrayMeasures& measures,
                  const FirstPlaces& places, std::vector<std::string>* problems) {
  const std::vector<std::string>& names = survey.classes.names();
  for (std::size_t c = 0; c < names.size(); ++c) {
    if (measures.class_counts[c][0] > 0) continue;
    if (places[c].empty()) {
      problems->push_back(fmt::format(
          "the class {} of --classes has no target in the training split", Printable(names[c])));
      continue;
    }
    problems->push_back(fmt::format("{}: the class {} is in no sequence of the training split",
                                    places[c], Printable(names[c])));
  }
  if (names.size() == 1) {
    problems->push_back(fmt::format("there is one class only, {}", Printable(names[0])));
  }
}

class Measurer {
 public:
  Measurer(const ArraySurvey& survey, ArrayMeasures* measures)
      : has_classes_(survey.has_classes),
        measures_(*measures),
        places_(survey.classes.names().size()) {
    measures_.inputs.resize(survey.columns.inputs.size());
    measures_.missing_inputs.resize(survey.columns.inputs.size());
    measures_.targets.resize(has_classes_ ? 0 : survey.columns.targets.size());
    measures_.class_counts.resize(places_.size());
  }

  void Add(const SurveyedSequence& surveyed, const ArraySequence& sequence) {
    const auto split = static_cast<std::size_t>(surveyed.split);
    measures_.steps[split] += sequence.steps;
    measures_.longest[split] = std::max(measures_.longest[split], sequence.steps);
    if (has_classes_) AddLabels(split, sequence);
    if (surveyed.split != DataSplit::kTrain) return;
    AddRows(sequence.inputs, measures_.inputs);
    if (!has_classes_) AddRows(sequence.targets, measures_.targets);
    for (std::size_t i = 0; i < sequence.inputs.size(); ++i) {
      if (std::isnan(sequence.inputs[i])) ++measures_.missing_inputs[i % measures_.inputs.size()];
    }
  }

  const FirstPlaces& places() const { return places_; }

 private:
  void AddLabels(std::size_t split, const ArraySequence& sequence) {
    for (std::size_t row = 0; row < sequence.labels.size(); ++row) {
      if (sequence.labels[row] == kMissingLabel) continue;
      const auto label = static_cast<std::size_t>(sequence.labels[row]);
      ++measures_.class_counts[label][split];
      if (split == 0 || !places_[label].empty()) continue;
      places_[label] = PlaceOfTarget(sequence, static_cast<Index>(row));
    }
  }

  bool has_classes_;
  ArrayMeasures& measures_;
  FirstPlaces places_;
};

}  // namespace

ArrayMeasures MeasureArrays(const ArrayCorpusOptions& options, ArraySurvey* survey) {
  ArrayMeasures measures;
  Measurer measurer(*survey, &measures);
  ForEachSurveyed(options, survey,
                  [&](const SurveyedSequence& surveyed, const ArraySequence& sequence) {
                    measurer.Add(surveyed, sequence);
                  });
  if (options.like) return measures;  // nothing is learned from this data
  std::vector<std::string> problems;
  CheckColumns(measures.inputs, survey->columns.inputs, "input", &problems);
  CheckColumns(measures.targets, survey->columns.targets, "target", &problems);
  if (survey->has_classes) CheckClasses(*survey, measures, measurer.places(), &problems);
  FailWith(problems);
  return measures;
}

}  // namespace lockstep
