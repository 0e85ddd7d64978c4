#include "data/arrays/array_block_source.h"

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "base/closest_name.h"
#include "base/error.h"

namespace lockstep {
namespace {

constexpr double kLargestWhole = 9007199254740992.0;  // 2^53: doubles hold all whole numbers below

// Whole numbers of an array of one dimension. BadData for anything else.
std::vector<Index> WholeNumbers(const NumberArray& array, const char* what, Index count) {
  if (array.shape().size() != 1 || array.shape()[0] != count) {
    throw BadData("{}: has the shape {}, but {} must have the shape [{}]", array.name(),
                  ShapeText(array.shape()), what, count);
  }
  std::vector<Index> numbers;
  for (const double value : array.ReadAll()) {
    if (!(std::abs(value) < kLargestWhole) || value != std::floor(value)) {
      throw BadData("{}: element {} (counted from 0) is {:g}; {} must be whole numbers",
                    array.name(), numbers.size(), value, what);
    }
    numbers.push_back(static_cast<Index>(value));
  }
  return numbers;
}

// What the columns of an array are called: its own name where there is one, else with a number.
std::string BaseName(const std::string& path, const std::string& member) {
  return member.empty() ? std::filesystem::path(path).stem().string() : member;
}

void AddNames(const std::string& base, Index width, std::vector<std::string>* names) {
  for (Index c = 0; c < width; ++c) {
    names->push_back(width == 1 ? base : fmt::format("{}[{}]", base, c));
  }
}

bool StartsWith(const std::vector<Index>& shape, const std::vector<Index>& start) {
  return shape.size() >= start.size() && std::equal(start.begin(), start.end(), shape.begin());
}

}  // namespace

ArrayBlockSource::ArrayBlockSource(const ArrayFiles& files, const ArrayReadOptions& options,
                                   ClassNames* classes)
    : files_(files), options_(options), classes_(classes) {
  OpenInputs();
  PlaceSequences();
  if (options_.with_targets && !files_.members.targets.empty()) ResolveTargets();
  if (!files_.members.statics.empty()) ResolveStatics();
  NameColumns();
}

// A name in the one file, or a path of a file of its own.
std::optional<NumberArray> ArrayBlockSource::OpenMember(const std::string& member) const {
  if (member.empty()) return std::nullopt;
  const bool inside =
      !files_.files.empty() && KindOfArrayFile(files_.files[0]) != ArrayFileKind::kNpy;
  return inside ? OpenNumberArray(files_.files[0], member) : OpenNumberArray(member, "");
}

void ArrayBlockSource::OpenInputs() {
  const bool own_file =
      !files_.files.empty() && KindOfArrayFile(files_.files[0]) == ArrayFileKind::kNpy;
  inputs_ = own_file ? OpenNumberArray(files_.files[0], "") : OpenMember(files_.members.inputs);
  if (!inputs_) {
    throw UsageError("{}: --inputs is missing: the name of the array of inputs in the file",
                     files_.files[0]);
  }
  const std::vector<Index>& shape = inputs_->shape();
  if (shape.empty() || shape.size() > 3) {
    throw BadData(
        "{}: has the shape {}; inputs have [N, T, D], or [N, D] for single vectors, or [rows, D] "
        "with --lengths or --offsets",
        inputs_->name(), ShapeText(shape));
  }
  if (std::find(shape.begin(), shape.end(), Index{0}) != shape.end()) {
    throw BadData("{}: has the shape {}, which holds no value; leave the file out or fill it",
                  inputs_->name(), ShapeText(shape));
  }
  width_ = shape.size() == 1 ? 1 : shape.back();
  steps_shape_.assign(shape.begin(), shape.size() == 1 ? shape.end() : shape.end() - 1);
}

void ArrayBlockSource::PlaceSequences() {
  const auto lengths = OpenMember(files_.members.lengths);
  const auto offsets = OpenMember(files_.members.offsets);
  const bool padded = steps_shape_.size() == 2;
  if (offsets && (padded || lengths)) {
    throw UsageError(
        "{}: --offsets goes with inputs [rows, D] and without --lengths, but the inputs have the "
        "shape {}",
        offsets->name(), ShapeText(inputs_->shape()));
  }
  if (lengths) return TakeLengths(*lengths, padded);
  if (offsets) return TakeOffsets(*offsets);
  const Index steps = padded ? steps_shape_[1] : 1;
  for (Index n = 0; n < steps_shape_[0]; ++n) sequences_.push_back({n * steps, steps});
}

void ArrayBlockSource::TakeLengths(const NumberArray& lengths, bool padded) {
  const Index count = padded || lengths.shape().size() != 1 ? steps_shape_[0] : lengths.shape()[0];
  const Index rows = padded ? steps_shape_[1] : steps_shape_[0];
  Index first = 0;
  for (const Index steps : WholeNumbers(lengths, "lengths", count)) {
    const Index most = padded ? rows : rows - first;
    if (steps < 1 || steps > most) {
      throw BadData(
          "{}: the length of sequence {} (counted from 0) is {}; allowed are 1 to {}, as the "
          "inputs have the shape {}",
          lengths.name(), sequences_.size(), steps, most, ShapeText(inputs_->shape()));
    }
    sequences_.push_back({first, steps});
    first += padded ? rows : steps;
  }
  if (padded || first == rows) return;
  throw BadData("{}: the lengths are {} rows together, but the inputs have {}", lengths.name(),
                first, rows);
}

void ArrayBlockSource::TakeOffsets(const NumberArray& offsets) {
  const Index count = offsets.shape().size() == 1 ? offsets.shape()[0] : 0;
  const std::vector<Index> starts = WholeNumbers(offsets, "offsets", count);
  const Index rows = steps_shape_[0];
  if (starts.size() < 2 || starts.front() != 0 || starts.back() != rows) {
    throw BadData(
        "{}: must hold 0, the first row of each further sequence, and at the end the number of "
        "rows, "
        "{}",
        offsets.name(), rows);
  }
  for (std::size_t n = 0; n + 1 < starts.size(); ++n) {
    if (starts[n + 1] <= starts[n] || starts[n + 1] > rows) {
      throw BadData(
          "{}: element {} (counted from 0) is {} after {}; offsets rise, so that each sequence has "
          "a row",
          offsets.name(), n + 1, starts[n + 1], starts[n]);
    }
    sequences_.push_back({starts[n], starts[n + 1] - starts[n]});
  }
}

void ArrayBlockSource::ResolveTargets() {
  targets_ = OpenMember(files_.members.targets);
  const std::vector<Index>& shape = targets_->shape();
  const Index count = static_cast<Index>(sequences_.size());
  const bool fits_steps =
      StartsWith(shape, steps_shape_) && shape.size() <= steps_shape_.size() + 1;
  const bool fits_sequences = (shape.size() == 1 || shape.size() == 2) && shape[0] == count;
  targets_per_step_ = fits_steps && !(fits_sequences && options_.per == TargetPer::kSequence);
  const std::size_t prefix = targets_per_step_ ? steps_shape_.size() : 1;
  if (!fits_steps && !fits_sequences) {
    throw BadData(
        "{}: has the shape {}, but the inputs have {} sequences and the shape {}; targets have one "
        "row per sequence, [{}] or [{}, K], or one per step, {} with or without a last extent K",
        targets_->name(), ShapeText(shape), count, ShapeText(inputs_->shape()), count, count,
        ShapeText(steps_shape_));
  }
  targets_width_ = shape.size() == prefix ? 1 : shape[prefix];
  if (targets_width_ == 0) throw BadData("{}: has no column", targets_->name());
}

void ArrayBlockSource::ResolveStatics() {
  statics_ = OpenMember(files_.members.statics);
  const std::vector<Index>& shape = statics_->shape();
  const Index count = static_cast<Index>(sequences_.size());
  if (shape.empty() || shape.size() > 2 || shape[0] != count || shape.back() == 0) {
    throw BadData("{}: has the shape {}; static inputs have one row per sequence, [{}] or [{}, S]",
                  statics_->name(), ShapeText(shape), count, count);
  }
  statics_width_ = shape.size() == 1 ? 1 : shape[1];
}

void ArrayBlockSource::NameColumns() {
  const bool inside =
      !files_.files.empty() && KindOfArrayFile(files_.files[0]) != ArrayFileKind::kNpy;
  const auto base = [&](const std::string& member) {
    return inside ? member : BaseName(member, "");
  };
  const std::string inputs = !inside && !files_.files.empty() ? BaseName(files_.files[0], "")
                                                              : base(files_.members.inputs);
  AddNames(inputs, width_, &columns_.inputs);
  if (statics_) AddNames(base(files_.members.statics), statics_width_, &columns_.inputs);
  if (targets_) AddNames(base(files_.members.targets), targets_width_, &columns_.targets);
}

bool ArrayBlockSource::Next(ArraySequence* sequence) {
  if (next_ == sequences_.size()) return false;
  const Rows& rows = sequences_[next_];
  sequence->Clear();
  sequence->file = inputs_->name();
  sequence->number = static_cast<Index>(next_);
  sequence->name = std::to_string(next_);
  sequence->steps = rows.count;
  ReadInputs(rows, sequence);
  if (targets_) ReadTargets(rows, sequence);
  ++next_;
  return true;
}

void ArrayBlockSource::ReadRows(const NumberArray& array, Index first_row, Index rows, Index width,
                                std::vector<double>* values) const {
  values->resize(static_cast<std::size_t>(rows * width));
  array.Read(first_row * width, *values);
  for (std::size_t i = 0; i < values->size(); ++i) {
    double& value = (*values)[i];
    if (options_.missing.Has(value)) value = std::nan("");
    if (!std::isinf(value)) continue;
    const Index row = static_cast<Index>(i) / width;
    throw BadData(
        "{}, sequence {}, row {} of it, column {} (counted from 0): is infinite; replace it, or "
        "make it "
        "NaN for a missing value",
        array.name(), next_, row, static_cast<Index>(i) % width);
  }
}

void ArrayBlockSource::ReadInputs(const Rows& rows, ArraySequence* sequence) {
  ReadRows(*inputs_, rows.first, rows.count, width_, statics_ ? &read_ : &sequence->inputs);
  if (!statics_) return;
  ReadRows(*statics_, static_cast<Index>(next_), 1, statics_width_, &statics_row_);
  for (Index step = 0; step < rows.count; ++step) {
    const auto begin = read_.begin() + step * width_;
    sequence->inputs.insert(sequence->inputs.end(), begin, begin + width_);
    sequence->inputs.insert(sequence->inputs.end(), statics_row_.begin(), statics_row_.end());
  }
}

void ArrayBlockSource::ReadTargets(const Rows& rows, ArraySequence* sequence) {
  sequence->target_rows = targets_per_step_ ? rows.count : 1;
  const Index first = targets_per_step_ ? rows.first : static_cast<Index>(next_);
  ReadRows(*targets_, first, sequence->target_rows, targets_width_, &sequence->targets);
  if (options_.target == TargetKind::kReal || targets_width_ > 1) return;
  for (std::size_t row = 0; row < sequence->targets.size(); ++row) {
    sequence->labels.push_back(Label(sequence->targets[row], *sequence, static_cast<Index>(row)));
  }
}

std::int32_t ArrayBlockSource::Label(double value, const ArraySequence& sequence, Index row) const {
  if (std::isnan(value)) return kMissingLabel;
  const auto place = [&] { return PlaceOfTarget(sequence, row); };
  if (value != std::floor(value) || std::abs(value) >= kLargestWhole) {
    if (options_.target != TargetKind::kClass) return kMissingLabel;
    throw BadData("{}: target {} is {:g}, but a class is a whole number; or give --target real",
                  place(), targets_->name(), value);
  }
  const std::string name = fmt::format("{:.0f}", value);
  if (const auto id = classes_->IdOf(name)) return *id;
  if (!classes_->given()) return kTooManyLabels;
  throw BadData("{}: target {} is the class {}, which is no class of this corpus; {}", place(),
                targets_->name(), name, SuggestNames(name, classes_->names()));
}

}  // namespace lockstep
