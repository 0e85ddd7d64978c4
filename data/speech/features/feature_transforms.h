// Changes features after their extraction, before they are stored or given to a network. All arrays
// are rows [frames, width], row-major; the number of frames is rows.size() / width. Allocates the
// results. Gives the same bits on every instruction set.
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

// The same rows, bit for bit, from features that come in pieces of any size. A row comes when the
// order * window frames after it are there. Memory is that of the frames that a row needs.
class DeltaStream {
 public:
  explicit DeltaStream(Index width, Index order = 2, Index window = 2);

  Index look_ahead() const { return reach_; }  // frames
  // Adds rows [frames, width]; appends the rows [frames, (order + 1) width] that are known now.
  void Add(std::span<const float> rows, std::vector<float>* wider);
  // Ends the recording: appends the rest. Then the object is ready for the next one.
  void Finish(std::vector<float>* wider);

 private:
  void AppendRows(Index end, std::vector<float>* wider);

  Index width_, reach_;
  std::vector<std::vector<float>> filters_;  // by order
  std::vector<float> kept_;                  // the frames from number kept_begin_ on
  Index kept_begin_ = 0;
  Index next_ = 0;  // the row that comes next
};

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

// Subtracts the means; if `variance` is true, also divides by the standard deviations (of the
// population). If `moments` has no frames, does not change the rows.
void Normalise(const FeatureMoments& moments, bool variance, std::span<float> rows);

}  // namespace lockstep
