// What a core can do at best: GEMM at shapes that suit it.
#pragma once

#include "base/aligned_buffer.h"

namespace lockstep {

class GemmPeak {
 public:
  GemmPeak();
  // Runs each shape once through oneDNN's sgemm; GFLOP/s of the fastest.
  double Measure();

 private:
  AlignedBuffer<float> a_, b_, c_;
};

}  // namespace lockstep
