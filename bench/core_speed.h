// The yardstick: what the core gives at a moment. Multiply-adds between registers are the most that
// any program can compute; a turn is judged by its share of them, measured directly before and
// after it, because clocks change and neighbours come and go. Two programs on the hyperthreads of
// one core divide the instructions that it can issue. Of a neighbour on the other hyperthread the
// system, and a guest of a virtual machine above all, knows nothing; but instructions that do
// nothing show it: they run at half their speed.
#pragma once

#include <vector>

namespace lockstep {

struct CoreSpeed {
  double gflops = 0;  // multiply-adds of the widest registers that the kernels use, float32
  double nops = 0;    // instructions that do nothing, 1e9 per second
};

// Measures for about half a millisecond of processor time.
CoreSpeed MeasureCore();

// A turn, and the core directly before and after it.
struct MeasuredTurn {
  double seconds = 0;
  CoreSpeed before, after;

  double peak_gflops() const { return (before.gflops + after.gflops) / 2; }
};

// The turns that had the core for themselves: nops ran at more than three quarters of the highest
// speed of all turns, before and after. All turns, if those are fewer than a third.
std::vector<MeasuredTurn> TurnsAlone(const std::vector<MeasuredTurn>& turns);

// Medians over turns.
double MedianSeconds(const std::vector<MeasuredTurn>& turns);
double MedianPeak(const std::vector<MeasuredTurn>& turns);  // GFLOP/s
// The share of the peak that a turn of `flops` operations reaches.
double MedianShare(double flops, const std::vector<MeasuredTurn>& turns);

}  // namespace lockstep
