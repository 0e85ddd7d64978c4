#include "worker/kernels/amx.h"

#include <algorithm>
#include <atomic>

#include "base/error.h"
#include "base/phase_timer.h"
#include "base/types.h"
#include "worker/kernels/amx_tiles.h"

#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>
#endif
#if defined(__linux__)
#include <sys/syscall.h>
#include <unistd.h>
#endif

namespace lockstep {
namespace {

std::atomic<bool> forbidden = false;

#if defined(__x86_64__) && defined(__linux__)

// The processor's answer: CPUID leaf 7, bits 22 (AMX-BF16) and 24 (AMX-TILE) of EDX.
bool ProcessorHasAmx() {
  unsigned a = 0, b = 0, c = 0, d = 0;
  if (__get_cpuid_count(7, 0, &a, &b, &c, &d) == 0) return false;
  return (d >> 22 & 1) != 0 && (d >> 24 & 1) != 0 && HasBfloat16();
}

// Linux gives tile registers only to processes that have asked for them, because signal handlers
// then need larger stacks (Documentation/arch/x86/xstate.rst).
bool SystemGrantsAmx() {
  constexpr int kRequestPermission = 0x1023, kTileData = 18;
  return syscall(SYS_arch_prctl, kRequestPermission, kTileData) == 0;
}

// As many independent sums as registers allow, so that no instruction waits for another.
constexpr Index kTurns = 400;

__attribute__((target("avx512f"), noinline)) float MultiplyAdds() {
  constexpr int kSums = 24;
  __m512 sums[kSums];
  const __m512 a = _mm512_set1_ps(0.5f);
#pragma GCC unroll 24
  for (int i = 0; i < kSums; ++i) {
    sums[i] = _mm512_set1_ps(static_cast<float>(i));  // else the compiler would join equal sums
  }
  for (Index turn = 0; turn < kTurns; ++turn) {
#pragma GCC unroll 24
    for (int i = 0; i < kSums; ++i) sums[i] = _mm512_fmadd_ps(a, a, sums[i]);
    __asm__ volatile("" ::: "memory");
  }
  __m512 sum = sums[0];
#pragma GCC unroll 24
  for (int i = 1; i < kSums; ++i) sum = _mm512_add_ps(sum, sums[i]);
  return _mm512_cvtss_f32(sum);
}
void TileProducts() {
  for (Index turn = 0; turn < kTurns; ++turn) {
    amx::AddProduct<0, 4, 6>();
    amx::AddProduct<1, 4, 7>();
    amx::AddProduct<2, 5, 6>();
    amx::AddProduct<3, 5, 7>();
  }
}

// The ways take turns, and the fastest turn of each counts, so that another process that has the
// core for a while changes nothing.
double MeasureGain() {
  constexpr int kRepetitions = 40;
  constexpr double kAddsPerTurn = 24 * 16, kProductsPerTurn = 4 * 16 * 16 * 32;
  amx::TileShapes shapes;
  for (int tile = 0; tile < 8; ++tile) shapes.Set(tile, 16);
  double adds = 1, products = 1;
  for (int i = 0; i < kRepetitions; ++i) {
    const double start = Seconds();
    volatile float sum = MultiplyAdds();
    static_cast<void>(sum);
    const double middle = Seconds();
    amx::Configure(shapes);
    TileProducts();
    amx::Release();
    adds = std::min(adds, middle - start);
    products = std::min(products, Seconds() - middle);
  }
  return kProductsPerTurn / products / (kAddsPerTurn / adds);
}

#else

bool ProcessorHasAmx() { return false; }
bool SystemGrantsAmx() { return false; }
double MeasureGain() { return 0; }

#endif

}  // namespace

bool HasAmx() {
  static const bool has = ProcessorHasAmx() && SystemGrantsAmx();
  return has;
}

bool UsesAmx(Isa isa) { return isa == Isa::kAvx512 && !forbidden && HasAmx(); }

double AmxGain(Isa isa) {
  if (!UsesAmx(isa)) return 0;
  static const double gain = MeasureGain();
  return gain;
}

std::string AmxText(double gain) {
  if (gain == 0) return "bf16-amx computes slower than float32 here, for lack of AMX";
  return fmt::format(
      "bf16-amx multiplies up to {:.0f} times as fast as float32 here, layers as a whole less",
      gain);
}

void ForbidAmx(bool forbids) { forbidden = forbids; }

}  // namespace lockstep
