// chrF2: the F score, with recall counting twice as much, of runs of one to six characters that a
// translation shares with its reference (Popovic 2015, "chrF: character n-gram F-score for
// automatic MT evaluation"). White space is left out. Precision and recall are means over the
// orders that both sides have, from counts over the whole set, as in sacreBLEU 2 with one
// reference:
//
//   chrF2 = 100 * 5 P R / (4 P + R)
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "worker/metrics/ngram_overlap.h"

namespace lockstep {

class Chrf {
 public:
  explicit Chrf(bool lower_case = false) : lower_case_(lower_case) {}
  // Adds a sentence; both texts must be UTF-8.
  void Add(std::string_view hypothesis, std::string_view reference);
  // 0 to 100.
  double Score() const;
  // What sacreBLEU calls such a score, without its version:
  // "nrefs:1|case:mixed|eff:yes|nc:6|nw:0|space:no".
  std::string Signature() const;

 private:
  static constexpr std::size_t kOrders = 6;
  bool lower_case_;
  std::array<NgramOverlap, kOrders> orders_{};
};

}  // namespace lockstep
