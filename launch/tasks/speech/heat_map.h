// Features over time as cells of a picture: their means, and the range that its colours reach over.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/types.h"

namespace lockstep {

class HeatMap {
 public:
  // features [frames, bins], row-major; as many or fewer columns than frames and rows than bins,
  // one or more of both. A cell is the mean of what falls on it; the upper row has the highest
  // bins.
  HeatMap(std::span<const float> features, Index bins, Index columns, Index rows);

  // The 1st and the 99th percentile of the finite cells, which get the first and the last colour.
  double low() const { return low_; }
  double high() const { return high_; }
  // Numbers of colours 0..255, [rows, columns]; of a cell that is not finite: 0.
  std::vector<std::uint8_t> Pixels() const;

 private:
  void ChooseRange();

  std::vector<float> cells_;
  double low_ = 0, high_ = 0;
};

}  // namespace lockstep
