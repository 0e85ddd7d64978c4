// What is done to features after extraction, before they are stored or fed to a network. All
// arrays are rows [frames, width], row-major; the number of frames is rows.size() / width.
// Allocates its results; the same bits on every instruction set.
#pragma once

#include <span>
#include <vector>

#include "base/types.h"

namespace lockstep {

// [frames, (order + 1) width]: the features, their first differences, .., as Kaldi's add-deltas
// (Furui 1986). The difference of order k is that of order k - 1 by the filter
// d(t) = sum over j = -window .. window of j x(t + j) / sum of j^2, applied to the features as one
// filter; features beyond the ends are those at the ends. order >= 0, window >= 1.
std::vector<float> AddDeltas(std::span<const float> rows, Index width, Index order = 2,
                             Index window = 2);

// Sums over frames, from which means and variances follow: of an utterance, or of all utterances
// of a speaker, added in a fixed order (addition in double: another order, other last bits).
struct FeatureMoments {
  Index frames = 0;
  std::vector<double> sum;      // [width]
  std::vector<double> squares;  // [width], sums of squares

  explicit FeatureMoments(Index width);
  void Add(std::span<const float> rows);
  void Add(const FeatureMoments& other);
};

// Where a feature varies less, for example in silence, it is divided by the root of this, and so
// stays near 0. Of log energies, whose variances are 1..30.
inline constexpr double kVarianceFloor = 1e-5;

// Subtracts the means; with `variance` also divides by the standard deviations (of the population).
// No frames in `moments`: leaves the rows as they are.
void Normalise(const FeatureMoments& moments, bool variance, std::span<float> rows);

}  // namespace lockstep
