#include "data/arrays/array_encoder.h"

#include <cmath>
#include <limits>

#include "base/error.h"

namespace lockstep {
namespace {

// The scaled value as it is stored; `place` is called for a value that 32 bits do not hold.
template <typename Place>
float Stored(const ColumnScale& column, double value, const Place& place) {
  const double scaled = column.Scaled(value);
  if (std::isnan(value) || std::abs(scaled) <= std::numeric_limits<float>::max()) {
    return static_cast<float>(scaled);
  }
  throw BadData(
      "{}: column \"{}\" is {:g}, which is {:g} after normalisation and too large for 32-bit "
      "numbers; "
      "correct the value, or name it by --missing if it stands for a missing one",
      place(), column.name, value, scaled);
}

}  // namespace

double ArrayEncoder::Filled(const ArraySequence& sequence, std::size_t step, std::size_t column,
                            FilledCounts* filled) {
  if (task_.missing_rule == MissingRule::kRefuse) {
    throw BadData(
        "{}: column \"{}\" has no value, and the data that the model was trained on had none "
        "missing; fill it in, or prepare the training data with --missing-values mean, previous or "
        "indicator",
        PlaceOfStep(sequence, static_cast<Index>(step)), task_.inputs[column].name);
  }
  const bool by_previous =
      task_.missing_rule == MissingRule::kPrevious && !std::isnan(previous_[column]);
  ++(by_previous ? filled->by_previous : filled->by_mean);
  return by_previous ? previous_[column] : task_.inputs[column].mean;
}

void ArrayEncoder::EncodeInputs(const ArraySequence& sequence, std::vector<float>* rows,
                                FilledCounts* filled) {
  const std::size_t width = task_.inputs.size();
  rows->clear();
  previous_.assign(width, std::nan(""));
  for (std::size_t step = 0; step < static_cast<std::size_t>(sequence.steps); ++step) {
    const double* const values = sequence.inputs.data() + step * width;
    for (std::size_t c = 0; c < width; ++c) {
      const double value = std::isnan(values[c]) ? Filled(sequence, step, c, filled) : values[c];
      previous_[c] = std::isnan(values[c]) ? previous_[c] : values[c];
      rows->push_back(Stored(task_.inputs[c], value,
                             [&] { return PlaceOfStep(sequence, static_cast<Index>(step)); }));
    }
    for (std::size_t c = 0; c < width; ++c) {
      if (task_.inputs[c].has_indicator) rows->push_back(std::isnan(values[c]) ? 1.0F : 0.0F);
    }
  }
}

void ArrayEncoder::EncodeTargets(const ArraySequence& sequence, std::vector<float>* rows) const {
  rows->clear();
  const std::size_t width = task_.targets.size();
  for (std::size_t i = 0; i < sequence.targets.size(); ++i) {
    rows->push_back(Stored(task_.targets[i % width], sequence.targets[i],
                           [&] { return PlaceOfTarget(sequence, static_cast<Index>(i / width)); }));
  }
}

}  // namespace lockstep
