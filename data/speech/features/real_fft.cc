#include "data/speech/features/real_fft.h"

#include <kiss_fftr.h>

#include <new>
#include <type_traits>

#include "base/error.h"
#include "base/function_clones.h"

namespace lockstep {
namespace {

static_assert(std::is_same_v<kiss_fft_scalar, float>);
static_assert(sizeof(kiss_fft_cpx) == 2 * sizeof(float));

LOCKSTEP_CLONES void SquareMagnitudes(const float* spectrum, Index count, float* power) {
  for (Index k = 0; k < count; ++k) {
    const float real = spectrum[2 * k], imaginary = spectrum[2 * k + 1];
    power[k] = real * real + imaginary * imaginary;
  }
}

}  // namespace

RealFft::RealFft(Index size)
    : size_(size),
      plan_(kiss_fftr_alloc(static_cast<int>(size), 0, nullptr, nullptr)),
      spectrum_(static_cast<std::size_t>(size + 2)) {
  LOCKSTEP_CHECK(size > 0 && size % 2 == 0);
  if (plan_ == nullptr) throw std::bad_alloc();
}

RealFft::~RealFft() = default;
RealFft::RealFft(RealFft&&) noexcept = default;

void RealFft::Free::operator()(kiss_fftr_state* plan) const { kiss_fftr_free(plan); }

void RealFft::PowerSpectrum(const float* samples, float* power) {
  kiss_fftr(plan_.get(), samples, reinterpret_cast<kiss_fft_cpx*>(spectrum_.data()));
  SquareMagnitudes(spectrum_.data(), size_ / 2 + 1, power);
}

}  // namespace lockstep
