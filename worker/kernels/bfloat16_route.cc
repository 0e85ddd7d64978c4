#include "worker/kernels/bfloat16_route.h"

#include <algorithm>
#include <array>
#include <optional>

#include "base/error.h"
#include "base/phase_timer.h"
#include "base/types.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace lockstep {
namespace {

std::optional<bool> forced_pairs;

#if defined(__x86_64__)

// As many independent sums as a tile has, so that no instruction waits for another.
constexpr int kSums = 24;
constexpr Index kTurns = 400;
using Registers = std::array<float, kSums * 16>;

// Both functions do kTurns x kSums instructions between registers.
__attribute__((target("avx512f"), noinline)) void AddProducts(Registers* values) {
  __m512 sums[kSums];
  const __m512 a = _mm512_loadu_ps(values->data());
#pragma GCC unroll 24
  for (int i = 0; i < kSums; ++i) sums[i] = _mm512_loadu_ps(values->data() + 16 * i);
  for (Index turn = 0; turn < kTurns; ++turn) {
#pragma GCC unroll 24
    for (int i = 0; i < kSums; ++i) sums[i] = _mm512_fmadd_ps(a, a, sums[i]);
  }
#pragma GCC unroll 24
  for (int i = 0; i < kSums; ++i) _mm512_storeu_ps(values->data() + 16 * i, sums[i]);
}
__attribute__((target("avx512f,avx512bf16"), noinline)) void AddPairs(Registers* values) {
  __m512 sums[kSums];
  const __m512 a = _mm512_loadu_ps(values->data());
#pragma GCC unroll 24
  for (int i = 0; i < kSums; ++i) sums[i] = _mm512_loadu_ps(values->data() + 16 * i);
  for (Index turn = 0; turn < kTurns; ++turn) {
#pragma GCC unroll 24
    for (int i = 0; i < kSums; ++i) {
      sums[i] =
          _mm512_dpbf16_ps(sums[i], reinterpret_cast<__m512bh>(a), reinterpret_cast<__m512bh>(a));
    }
  }
#pragma GCC unroll 24
  for (int i = 0; i < kSums; ++i) _mm512_storeu_ps(values->data() + 16 * i, sums[i]);
}

// Operations of VDPBF16PS in the time of one of multiply-adds. The ways take turns, and the fastest
// turn of each counts, so that another process that has the core for a while changes nothing.
double MeasureGain() {
  constexpr int kRepetitions = 60;
  Registers values{};
  double products = 1, pairs = 1;
  for (int i = 0; i < kRepetitions; ++i) {
    const double start = Seconds();
    AddProducts(&values);
    const double middle = Seconds();
    AddPairs(&values);
    products = std::min(products, middle - start);
    pairs = std::min(pairs, Seconds() - middle);
  }
  return 2 * products / pairs;  // an instruction for pairs has twice the operations
}

#else

double MeasureGain() { return 0; }

#endif

// 0 without the instruction.
double PairsGain() {
  static const double gain = HasBfloat16() ? MeasureGain() : 0;
  return gain;
}

}  // namespace

// Pairs need half the memory, so they are taken if they compute as fast.
bool PairsAreFaster() {
  constexpr double kAsFast = 0.97;  // the clocks of two turns differ by less
  return forced_pairs ? *forced_pairs : PairsGain() >= kAsFast;
}

double Bfloat16Gain(Isa isa) {
  return isa == Isa::kAvx512 && PairsAreFaster() ? std::max(1.0, PairsGain()) : 1.0;
}

std::string Bfloat16Text(double gain) {
  constexpr double kNoticeable = 1.05;
  if (gain < kNoticeable) return "bf16 computes at the speed of float32 here";
  return fmt::format("bf16 computes up to {:.1f} times as fast as float32 here", gain);
}

void ForcePairs(bool pairs) {
  LOCKSTEP_CHECK(!pairs || HasBfloat16());
  forced_pairs = pairs;
}

}  // namespace lockstep
