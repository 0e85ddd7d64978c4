#include "data/arrays/target_finder.h"

#include <cmath>

#include "base/error.h"

namespace lockstep {
namespace {

void KeepFirst(std::string* kept, const ArraySequence& sequence, Index row) {
  if (kept->empty()) *kept = PlaceOfTarget(sequence, row);
}

}  // namespace

void TargetFinder::Add(const ArraySequence& sequence, const ArrayColumns& columns) {
  width_ = columns.targets.size();
  column_ = columns.targets[0];
  if (asked_per_ == TargetPer::kStep && sequence.target_rows != sequence.steps) {
    throw UsageError(
        "{}: --target-per is step, but there is one target for the sequence of {} steps; give "
        "--target-per sequence, or a target for each step",
        PlaceOfSequence(sequence), sequence.steps);
  }
  AddKind(sequence);
  AddPer(sequence, columns);
}

void TargetFinder::AddKind(const ArraySequence& sequence) {
  for (std::size_t row = 0; row < sequence.labels.size(); ++row) {
    const double value = sequence.targets[row];
    const std::int32_t label = sequence.labels[row];
    const Index r = static_cast<Index>(row);
    if (label == kTooManyLabels) KeepFirst(&too_many_, sequence, r);
    if (std::isnan(value)) {
      if (label != kMissingLabel) KeepFirst(&text_, sequence, r);
    } else {
      KeepFirst(value == std::floor(value) ? &whole_ : &fraction_, sequence, r);
    }
  }
}

void TargetFinder::AddPer(const ArraySequence& sequence, const ArrayColumns& columns) {
  if (!change_.empty() || sequence.target_rows < 2) return;
  ArraySequence first;
  first.target_rows = sequence.target_rows;
  first.targets = sequence.targets;
  first.labels = sequence.labels;
  CondenseTargets(&first);
  for (std::size_t i = 0; i < sequence.targets.size(); ++i) {
    const std::size_t k = i % columns.targets.size(), row = i / columns.targets.size();
    const double value = sequence.targets[i];
    bool same = std::isnan(value) || value == first.targets[k];
    if (!sequence.labels.empty()) {
      const std::int32_t label = sequence.labels[row];
      same = same && (label == kMissingLabel || label == first.labels[0]);
    }
    if (same) continue;
    change_ = fmt::format("{}: target \"{}\"", PlaceOfTarget(sequence, static_cast<Index>(row)),
                          columns.targets[k]);
    return;
  }
}

TargetKind TargetFinder::Kind() const {
  const bool is_class = asked_kind_ == TargetKind::kClass || classes_are_given_;
  if (is_class && width_ > 1) {
    throw UsageError(
        "a class is one column, but there are {} target columns, the first \"{}\"; give "
        "one of them, or --target real without --classes",
        width_, column_);
  }
  if (asked_kind_ == TargetKind::kReal || width_ > 1) return TargetKind::kReal;
  const bool only_text = !text_.empty() && fraction_.empty();
  if ((is_class || only_text) && !too_many_.empty()) {
    throw BadData(
        "{}: target \"{}\" has more than {} different classes here; give --target real for real "
        "values, or name another column by --target-columns",
        too_many_, column_, ClassNames::kMostClasses);
  }
  if (is_class || only_text) return TargetKind::kClass;
  if (!text_.empty()) {
    throw BadData(
        "{}: target \"{}\" is a text here, but a number with a fraction in {}; correct one of "
        "them, or "
        "name the text by --missing if it stands for a missing value",
        text_, column_, fraction_);
  }
  if (!fraction_.empty()) return TargetKind::kReal;
  if (whole_.empty()) {
    throw BadData("target \"{}\" is missing everywhere; name another column by --target-columns",
                  column_);
  }
  throw UsageError(
      "target \"{}\" holds whole numbers only (the first in {}), which may be classes or real "
      "values; give --target class or --target real",
      column_, whole_);
}

TargetPer TargetFinder::Per() const {
  if (asked_per_ == TargetPer::kSequence && !change_.empty()) {
    throw BadData(
        "{} differs from an earlier row of the same sequence, but --target-per is sequence; it "
        "must "
        "be the same in all rows of a sequence, or empty in some; or give --target-per step",
        change_);
  }
  if (asked_per_ != TargetPer::kFromData) return asked_per_;
  return change_.empty() ? TargetPer::kSequence : TargetPer::kStep;
}

void CondenseTargets(ArraySequence* sequence) {
  if (sequence->target_rows < 2) return;
  const std::size_t rows = static_cast<std::size_t>(sequence->target_rows);
  const std::size_t width = sequence->targets.size() / rows;
  for (std::size_t i = width; i < sequence->targets.size(); ++i) {
    double& first = sequence->targets[i % width];
    if (std::isnan(first)) first = sequence->targets[i];
  }
  for (const std::int32_t label : sequence->labels) {
    if (sequence->labels[0] == kMissingLabel) sequence->labels[0] = label;
  }
  const auto first_row = [](auto& values, std::size_t count) {
    values.erase(values.begin() + static_cast<std::ptrdiff_t>(count), values.end());
  };
  first_row(sequence->targets, width);
  if (!sequence->labels.empty()) first_row(sequence->labels, 1);
  sequence->target_rows = 1;
}

}  // namespace lockstep
