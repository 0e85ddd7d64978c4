#include "worker/losses/ctc_lattice.h"

#include <algorithm>

#include "base/function_clones.h"

namespace lockstep {
namespace {

// Computes alpha_t in `after` from alpha_{t-1} in `before`, rows [2L + 2] each. Between blanks and
// labels lies a zero: it is read as the label before the first one, so that the loops need no
// special case.
LOCKSTEP_CLONES
void StepForward(Index L, const double* __restrict emission, const double* __restrict skip,
                 const double* __restrict before, double* __restrict after) {
  const double* const from_blank = before;
  const double* const from_label = before + L + 2;
  const WideParts y_blank = SplitWide(emission[0]);
  for (Index i = 0; i <= L; ++i) {
    const WideParts sum = AddWide(SplitWide(from_blank[i]), SplitWide(from_label[i - 1]));
    after[i] = PackWide(MultiplyWide(y_blank, sum));
  }
  after[L + 1] = kWideZero;
  for (Index i = 0; i < L; ++i) {
    const WideParts near = AddWide(SplitWide(from_label[i]), SplitWide(from_blank[i]));
    const WideParts sum = AddWide(near, SplitWide(from_label[i - 1] + skip[i]));
    after[L + 2 + i] = PackWide(MultiplyWide(SplitWide(emission[1 + i]), sum));
  }
}

// Computes beta_t in `before` from beta_{t+1} in `after`, and in `occupancy` the share of `total`
// that passes through each state. alpha_t already contains the factor y_t, so it is multiplied with
// `rest`, which is beta_t without y_t.
LOCKSTEP_CLONES
void StepBackward(Index L, const double* __restrict emission, const double* __restrict skip,
                  const double* __restrict alpha, WideParts total, const double* __restrict after,
                  double* __restrict before, double* __restrict occupancy) {
  const double* const to_blank = after;
  const double* const to_label = after + L + 1;
  const WideParts y_blank = SplitWide(emission[0]);
  for (Index i = 0; i <= L; ++i) {
    const WideParts rest = AddWide(SplitWide(to_blank[i]), SplitWide(to_label[i]));
    occupancy[i] = WideRatio(SplitWide(alpha[i]), rest, total);
    before[i] = PackWide(MultiplyWide(y_blank, rest));
  }
  for (Index i = 0; i < L; ++i) {
    const WideParts near = AddWide(SplitWide(to_label[i]), SplitWide(to_blank[i + 1]));
    const WideParts rest = AddWide(near, SplitWide(to_label[i + 1] + skip[i + 1]));
    occupancy[L + 1 + i] = WideRatio(SplitWide(alpha[L + 2 + i]), rest, total);
    before[L + 1 + i] = PackWide(MultiplyWide(SplitWide(emission[1 + i]), rest));
  }
  before[2 * L + 1] = kWideZero;
}

}  // namespace

CtcLattice::CtcLattice(Index steps, std::span<const std::int32_t> labels, Workspace* workspace)
    : steps_(steps),
      L_(static_cast<Index>(labels.size())),
      labels_(labels),
      skips_(workspace->Take<double>(L_ + 1)),
      emissions_(workspace->Take<double>(steps * (L_ + 1))),
      alpha_(workspace->Take<double>((steps + 1) * width())),
      beta_(workspace->Take<double>(2 * width())),
      occupancy_(workspace->Take<double>(2 * L_ + 1)) {
  std::fill_n(skips_, L_ + 1, 0.0);
  for (std::size_t i = 1; i < labels.size(); ++i) {
    if (labels[i] == labels[i - 1]) skips_[i] = kWideZero;
  }
}

Index CtcLattice::Bytes(Index steps, Index labels) {
  const auto doubles = [](Index count) { return Workspace::BytesFor<double>(count); };
  const Index width = 2 * labels + 2;
  return doubles(labels + 1) + doubles(steps * (labels + 1)) + doubles((steps + 1) * width) +
         doubles(2 * width) + doubles(2 * labels + 1);
}

// Before the first step, every path is in an imaginary label before the first one. From there it
// can move to the first blank or skip to the first label, so the first step needs no special case
// for equation (6).
WideParts CtcLattice::Forward() {
  std::fill_n(alpha_, width(), kWideZero);
  alpha_[L_ + 1] = kWideOne;
  for (Index t = 0; t < steps_; ++t) {
    double* const before = alpha_ + t * width();
    StepForward(L_, Emissions(t), skips_, before, before + width());
  }
  const double* const last = alpha_ + steps_ * width();
  return AddWide(SplitWide(last[L_]), SplitWide(last[2 * L_ + 1]));
}

// Likewise, after the last step every path is in an imaginary label after the last one.
const double* CtcLattice::Occupancy(Index t, WideParts total) {
  double* const after = beta_ + (t + 1) % 2 * width();
  double* const before = beta_ + t % 2 * width();
  if (t == steps_ - 1) {
    std::fill_n(after, width(), kWideZero);
    after[2 * L_ + 1] = kWideOne;
  }
  StepBackward(L_, Emissions(t), skips_, alpha_ + (t + 1) * width(), total, after, before,
               occupancy_);
  return occupancy_;
}

}  // namespace lockstep
