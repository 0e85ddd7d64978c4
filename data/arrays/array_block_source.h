// Sequences from whole arrays: [N, T, D] with or without lengths, [rows, D] with lengths or
// offsets, or single vectors [N, D].
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "data/arrays/array_reading.h"
#include "data/arrays/number_array.h"

namespace lockstep {

class ArrayBlockSource : public ArraySource {
 public:
  // `classes` must outlive the source. UsageError where an array is not named or not there, BadData
  // where shapes or lengths do not fit together.
  ArrayBlockSource(const ArrayFiles& files, const ArrayReadOptions& options, ClassNames* classes);

  const ArrayColumns& columns() const override { return columns_; }
  bool Next(ArraySequence* sequence) override;

 private:
  struct Rows {
    Index first = 0;
    Index count = 0;
  };

  std::optional<NumberArray> OpenMember(const std::string& member) const;
  void OpenInputs();
  void PlaceSequences();
  void TakeLengths(const NumberArray& lengths, bool padded);
  void TakeOffsets(const NumberArray& offsets);
  void ResolveTargets();
  void ResolveStatics();
  void NameColumns();
  void ReadInputs(const Rows& rows, ArraySequence* sequence);
  void ReadTargets(const Rows& rows, ArraySequence* sequence);
  // Reads rows of `width` and makes missing what stands for it. BadData for infinite values.
  void ReadRows(const NumberArray& array, Index first_row, Index rows, Index width,
                std::vector<double>* values) const;
  std::int32_t Label(double value, const ArraySequence& sequence, Index row) const;

  ArrayFiles files_;
  ArrayReadOptions options_;
  ClassNames* classes_;
  std::optional<NumberArray> inputs_, targets_, statics_;
  std::vector<Index> steps_shape_;  // [N, T] or [rows]: how steps are laid out
  Index width_ = 0;                 // D
  Index statics_width_ = 0;         // S
  Index targets_width_ = 0;         // K
  bool targets_per_step_ = false;
  std::vector<Rows> sequences_;
  std::size_t next_ = 0;
  ArrayColumns columns_;
  std::vector<double> read_;  // kept for its memory
  std::vector<double> statics_row_;
};

}  // namespace lockstep
