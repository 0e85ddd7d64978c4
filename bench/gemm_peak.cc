#include "bench/gemm_peak.h"

#include <dnnl.h>

#include <algorithm>
#include <array>

#include "bench/stopwatch.h"

namespace lockstep {
namespace {

struct GemmShape {
  Index m, n, k;
};
constexpr std::array<GemmShape, 3> kShapes = {
    {{1024, 1024, 1024}, {2048, 2048, 512}, {1536, 1536, 512}}};
constexpr Index kLargest = 2048 * 2048;

}  // namespace

GemmPeak::GemmPeak() : a_(kLargest), b_(kLargest), c_(kLargest) {
  std::ranges::fill(a_.span(), 0.5f);
  std::ranges::fill(b_.span(), 0.25f);
}

double GemmPeak::Measure() {
  double best = 0;
  for (const auto& [m, n, k] : kShapes) {
    const Stopwatch watch;
    dnnl_sgemm('N', 'N', m, n, k, 1.0f, a_.data(), k, b_.data(), n, 0.0f, c_.data(), n);
    best = std::max(best, 2e-9 * static_cast<double>(m * n * k) / watch.Seconds());
  }
  return best;
}

}  // namespace lockstep
