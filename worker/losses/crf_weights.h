// The scores of a linear-chain conditional random field (Lafferty, McCallum, Pereira 2001) between
// labels: for each pair of neighbours, for the first label and for the last one.
//
// Every table is kept twice: as logarithms, and as ordinary numbers exp(logarithm - offset) of
// which the largest is 1. Rows are padded to a multiple of kCrfLanes columns. What the order of
// labels forbids, and the padding, has the logarithm minus infinity and the number 0.
#pragma once

#include <vector>

#include "base/workspace.h"
#include "data/batch/label_order.h"
#include "worker/losses/crf_lanes.h"

namespace lockstep {

inline constexpr Index CrfStride(Index classes) { return RoundUp(classes, kCrfLanes); }

// A row of scores, one per class.
struct CrfRow {
  const double* logs;    // [stride]
  const double* ratios;  // [stride]: exp(logs - offset)
  double offset;
};

// Which neighbours, first and last labels are allowed, as tables.
struct CrfRules {
  CrfRules(Index class_count, const LabelOrder& order);
  bool MayFollow(Index from, Index to) const {
    return follows[static_cast<std::size_t>(from * classes + to)] != 0;
  }
  Index classes;
  std::vector<std::uint8_t> follows;  // [classes, classes], 1: allowed
  std::vector<std::uint8_t> first;    // [classes]
  std::vector<std::uint8_t> last;     // [classes]
};

// Parameters, or their gradients (S or const S).
template <typename S>
struct CrfParameters {
  S* transitions = nullptr;  // [classes, classes]: the score of label j after label i, at [i, j]
  S* start = nullptr;        // [classes]
  S* end = nullptr;          // [classes]
};

class CrfWeights {
 public:
  // The tables are in the workspace.
  template <typename S>
  CrfWeights(const CrfRules& rules, const CrfParameters<const S>& values, Workspace* workspace);
  static Index Bytes(Index classes);

  Index classes() const { return classes_; }
  Index stride() const { return stride_; }
  CrfRow Start() const { return {start_.logs, start_.ratios, start_.offset}; }
  CrfRow End() const { return {end_.logs, end_.ratios, end_.offset}; }
  // The scores of what follows label i; for i = 0, the first row of the table [classes, stride].
  CrfRow After(Index i) const { return RowOf(after_, i); }
  // The scores of what precedes label j.
  CrfRow Before(Index j) const { return RowOf(before_, j); }
  // False if an allowed score is not a finite number.
  bool is_finite() const { return is_finite_; }
  // True if all allowed scores are so close to each other that no ratio is very small.
  bool is_narrow() const { return is_narrow_; }

 private:
  struct Table {
    double* logs = nullptr;
    double* ratios = nullptr;
    double offset = 0;
  };
  CrfRow RowOf(const Table& table, Index row) const {
    return {table.logs + row * stride_, table.ratios + row * stride_, table.offset};
  }
  template <typename S>
  Table Make(Index rows, const S* values, const std::vector<std::uint8_t>& allowed,
             Workspace* workspace);
  Table Transposed(const Table& table, Workspace* workspace) const;

  Index classes_;
  Index stride_;
  bool is_finite_ = true;
  bool is_narrow_ = true;
  Table after_, before_, start_, end_;
};

}  // namespace lockstep
