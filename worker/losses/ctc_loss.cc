#include "worker/losses/ctc_loss.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "base/edit_distance.h"
#include "base/error.h"
#include "data/batch/label_fit.h"
#include "worker/losses/ctc_lattice.h"

namespace lockstep {
namespace {

constexpr std::int32_t kBlank = 0;

// The rows of one sequence of a slot. `gradient` may be `logits`, or null.
template <typename S>
struct SequenceRows {
  const PackedLayout& layout;
  Index sequence;
  Index classes;
  const S* logits;
  S* gradient;

  const S* Logits(Index t) const { return logits + layout.Row(t, sequence) * classes; }
  S* Gradient(Index t) const { return gradient + layout.Row(t, sequence) * classes; }
};

// The softmax of one step: value / sum of values. mantissa and exponent hold each value once more
// as a wide number, for classes whose probability is too small for an ordinary number.
struct SoftmaxRow {
  SoftmaxRow(Index classes, Workspace* workspace)
      : mantissa(workspace->Take<double>(classes)),
        exponent(workspace->Take<double>(classes)),
        value(workspace->Take<double>(classes)) {}
  static Index Bytes(Index classes) { return 3 * Workspace::BytesFor<double>(classes); }
  double Emission(std::int32_t k, double scale) const {
    return PackWide({mantissa[k] * scale, exponent[k]});
  }

  double* mantissa;
  double* exponent;
  double* value;
};

// Sets `softmax` from the logits x, the largest of which is x[best]. Returns 1 / sum of values.
template <typename S>
double Normalise(Index classes, const S* x, Index best, const SoftmaxRow& softmax) {
  const double largest = static_cast<double>(x[best]);
  for (Index k = 0; k < classes; ++k) softmax.mantissa[k] = static_cast<double>(x[k]) - largest;
  WideExp(classes, softmax.mantissa, softmax.exponent, softmax.value);
  return 1 / std::accumulate(softmax.value, softmax.value + classes, 0.0);
}

// Reads the logits of all steps. Sets path [T] to the class with the largest logit, the emissions
// of the lattice, and the gradient (unless it is null) to the softmax. Returns false if a logit is
// plus infinity or not a number.
template <typename S>
bool ReadRows(const SequenceRows<S>& rows, const SoftmaxRow& softmax, std::int32_t* path,
              CtcLattice* lattice) {
  bool finite = true;
  for (Index t = 0; t < lattice->steps(); ++t) {
    const S* const x = rows.Logits(t);
    const Index best = std::max_element(x, x + rows.classes) - x;
    const double scale = Normalise(rows.classes, x, best, softmax);
    double* emission = lattice->Emissions(t);
    *emission++ = softmax.Emission(kBlank, scale);
    for (std::int32_t label : lattice->labels()) *emission++ = softmax.Emission(label, scale);
    if (rows.gradient != nullptr) {
      S* const y = rows.Gradient(t);
      for (Index k = 0; k < rows.classes; ++k) y[k] = static_cast<S>(softmax.value[k] * scale);
    }
    path[t] = static_cast<std::int32_t>(best);
    finite = finite && std::isfinite(scale);
  }
  return finite;
}

// Computes equation (16) in the gradient, which already holds the softmax y.
template <typename S>
void SubtractOccupancy(const SequenceRows<S>& rows, WideParts total, CtcLattice* lattice) {
  const std::size_t L = lattice->labels().size();
  for (Index t = lattice->steps() - 1; t >= 0; --t) {
    const double* const occupancy = lattice->Occupancy(t, total);
    S* const d_x = rows.Gradient(t);
    const auto subtract = [d_x](std::int32_t k, double share) {
      d_x[k] = static_cast<S>(static_cast<double>(d_x[k]) - share);
    };
    subtract(kBlank, std::accumulate(occupancy, occupancy + L + 1, 0.0));
    for (std::size_t i = 0; i < L; ++i) subtract(lattice->labels()[i], occupancy[L + 1 + i]);
  }
}

template <typename S>
void ClearGradient(const SequenceRows<S>& rows, Index steps) {
  if (rows.gradient == nullptr) return;
  for (Index t = 0; t < steps; ++t) std::fill_n(rows.Gradient(t), rows.classes, S(0));
}

// Merges equal neighbours of a path and then removes blanks, in place. Returns the number of labels
// that remain.
std::size_t ReadPath(std::span<std::int32_t> path) {
  const auto end = std::unique(path.begin(), path.end());
  return static_cast<std::size_t>(std::remove(path.begin(), end, kBlank) - path.begin());
}

template <typename S>
double SequenceLoss(const SequenceRows<S>& rows, const SoftmaxRow& softmax, std::int32_t* path,
                    CtcLattice* lattice) {
  const bool finite = ReadRows(rows, softmax, path, lattice);
  const bool fits = LeastStepsFor(lattice->labels()) <= lattice->steps();
  if (!finite || !fits) {
    ClearGradient(rows, lattice->steps());
    return finite ? std::numeric_limits<double>::infinity()
                  : std::numeric_limits<double>::quiet_NaN();
  }
  const WideParts total = lattice->Forward();
  if (rows.gradient != nullptr) SubtractOccupancy(rows, total, lattice);
  return -LogWide(total);
}

template <typename S>
void AddSequence(const SequenceRows<S>& rows, std::span<const std::int32_t> labels,
                 Workspace* workspace, UseReading use, StepSums* sums) {
  const Index mark = workspace->used_bytes(), steps = rows.layout.Length(rows.sequence);
  for (std::int32_t label : labels) LOCKSTEP_CHECK(label > kBlank && label < rows.classes);
  CtcLattice lattice(steps, labels, workspace);
  const SoftmaxRow softmax(rows.classes, workspace);
  std::int32_t* const path = workspace->Take<std::int32_t>(steps);
  std::int32_t* const distances =
      workspace->Take<std::int32_t>(static_cast<Index>(labels.size()) + 1);
  sums->loss += SequenceLoss(rows, softmax, path, &lattice);
  const std::size_t read = ReadPath({path, static_cast<std::size_t>(steps)});
  const Index targets = std::max<Index>(1, static_cast<Index>(labels.size()));
  sums->targets += targets;
  sums->counts[0] +=
      targets - std::min(targets, EditDistance<std::int32_t>({path, read}, labels, distances));
  use(labels, {path, read});
  workspace->Rewind(mark);
}

template <typename S>
StepSums AllSequences(const PackedLayout& layout, std::span<const std::int32_t> labels,
                      std::span<const Index> offsets, Index classes, const S* logits, S* gradient,
                      Workspace* workspace, UseReading use) {
  LOCKSTEP_CHECK(static_cast<Index>(offsets.size()) == layout.sequences() + 1);
  StepSums sums;
  for (Index b = 0; b < layout.sequences(); ++b) {
    const auto begin = static_cast<std::size_t>(offsets[static_cast<std::size_t>(b)]);
    const auto end = static_cast<std::size_t>(offsets[static_cast<std::size_t>(b) + 1]);
    AddSequence<S>({layout, b, classes, logits, gradient}, labels.subspan(begin, end - begin),
                   workspace, use, &sums);
  }
  return sums;
}

}  // namespace

template <typename S>
StepSums CtcLoss(const PackedLayout& layout, std::span<const std::int32_t> labels,
                 std::span<const Index> offsets, Index classes, S* logits, Workspace* workspace) {
  return AllSequences<S>(layout, labels, offsets, classes, logits, logits, workspace,
                         [](auto /*labels*/, auto /*read*/) {});
}

template <typename S>
StepSums CtcLossOnly(const PackedLayout& layout, std::span<const std::int32_t> labels,
                     std::span<const Index> offsets, Index classes, const S* logits,
                     Workspace* workspace, UseReading use) {
  return AllSequences<S>(layout, labels, offsets, classes, logits, nullptr, workspace, use);
}

Index CtcWorkspaceBytes(Index steps, Index labels, Index classes) {
  return CtcLattice::Bytes(steps, labels) + SoftmaxRow::Bytes(classes) +
         Workspace::BytesFor<std::int32_t>(steps) + Workspace::BytesFor<std::int32_t>(labels + 1);
}

template StepSums CtcLoss(const PackedLayout&, std::span<const std::int32_t>,
                          std::span<const Index>, Index, float*, Workspace*);
template StepSums CtcLoss(const PackedLayout&, std::span<const std::int32_t>,
                          std::span<const Index>, Index, double*, Workspace*);
template StepSums CtcLossOnly(const PackedLayout&, std::span<const std::int32_t>,
                              std::span<const Index>, Index, const float*, Workspace*, UseReading);
template StepSums CtcLossOnly(const PackedLayout&, std::span<const std::int32_t>,
                              std::span<const Index>, Index, const double*, Workspace*, UseReading);

}  // namespace lockstep
