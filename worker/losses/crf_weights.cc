#include "worker/losses/crf_weights.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace lockstep {
namespace {

constexpr double kNone = -std::numeric_limits<double>::infinity();
// In nats. The smallest ratio is then 2^-433, and the bounds of crf_chain.cc hold.
constexpr double kNarrow = 300;

std::vector<std::uint8_t> Allowed(Index classes, bool (LabelOrder::*may)(int) const,
                                  const LabelOrder& order) {
  std::vector<std::uint8_t> allowed;
  for (int id = 0; id < static_cast<int>(classes); ++id) {
    allowed.push_back((order.*may)(id) ? 1 : 0);
  }
  return allowed;
}

}  // namespace

CrfRules::CrfRules(Index class_count, const LabelOrder& order)
    : classes(class_count),
      first(Allowed(classes, &LabelOrder::MayBeFirst, order)),
      last(Allowed(classes, &LabelOrder::MayBeLast, order)) {
  for (int from = 0; from < static_cast<int>(classes); ++from) {
    for (int to = 0; to < static_cast<int>(classes); ++to) {
      follows.push_back(order.MayFollow(from, to) ? 1 : 0);
    }
  }
}

template <typename S>
CrfWeights::CrfWeights(const CrfRules& rules, const CrfParameters<const S>& values,
                       Workspace* workspace)
    : classes_(rules.classes), stride_(CrfStride(rules.classes)) {
  after_ = Make(classes_, values.transitions, rules.follows, workspace);
  start_ = Make(1, values.start, rules.first, workspace);
  end_ = Make(1, values.end, rules.last, workspace);
  before_ = Transposed(after_, workspace);
}

template <typename S>
CrfWeights::Table CrfWeights::Make(Index rows, const S* values,
                                   const std::vector<std::uint8_t>& allowed, Workspace* workspace) {
  Table table{workspace->Take<double>(rows * stride_), workspace->Take<double>(rows * stride_), 0};
  std::fill_n(table.logs, rows * stride_, kNone);
  std::fill_n(table.ratios, rows * stride_, 0.0);
  double largest = kNone, least = -kNone;
  for (Index i = 0; i < rows * classes_; ++i) {
    if (allowed[static_cast<std::size_t>(i)] == 0) continue;
    const auto value = static_cast<double>(values[i]);
    table.logs[i / classes_ * stride_ + i % classes_] = value;
    is_finite_ = is_finite_ && std::isfinite(value);
    largest = std::max(largest, value);
    least = std::min(least, value);
  }
  if (largest == kNone) return table;  // nothing is allowed
  table.offset = largest;
  is_narrow_ = is_narrow_ && largest - least <= kNarrow;
  for (Index i = 0; i < rows * stride_; ++i) {
    if (table.logs[i] != kNone) table.ratios[i] = std::exp(table.logs[i] - largest);
  }
  return table;
}

CrfWeights::Table CrfWeights::Transposed(const Table& table, Workspace* workspace) const {
  Table turned{workspace->Take<double>(classes_ * stride_),
               workspace->Take<double>(classes_ * stride_), table.offset};
  std::fill_n(turned.logs, classes_ * stride_, kNone);
  std::fill_n(turned.ratios, classes_ * stride_, 0.0);
  for (Index i = 0; i < classes_; ++i) {
    for (Index j = 0; j < classes_; ++j) {
      turned.logs[j * stride_ + i] = table.logs[i * stride_ + j];
      turned.ratios[j * stride_ + i] = table.ratios[i * stride_ + j];
    }
  }
  return turned;
}

Index CrfWeights::Bytes(Index classes) {
  const Index stride = CrfStride(classes);
  return 4 * Workspace::BytesFor<double>(classes * stride) +
         4 * Workspace::BytesFor<double>(stride);
}

template CrfWeights::CrfWeights(const CrfRules&, const CrfParameters<const float>&, Workspace*);
template CrfWeights::CrfWeights(const CrfRules&, const CrfParameters<const double>&, Workspace*);

}  // namespace lockstep
