// Measures the highest speed of a core: GEMM with shapes for which it is fast.
#pragma once

#include "base/aligned_buffer.h"

namespace lockstep {

class GemmPeak {
 public:
  GemmPeak();
  // Runs each shape once through oneDNN's sgemm; returns the GFLOP/s of the fastest.
  double Measure();

 private:
  AlignedBuffer<float> a_, b_, c_;
};

}  // namespace lockstep
