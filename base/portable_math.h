// Exponentials and logarithms of floats, in vector registers. Every instruction set gives the same
// bits: they are functions of this program, because those of the C library depend on whether there
// is fused multiply-add.
#pragma once

#include <span>

#include "base/types.h"

namespace lockstep {

// Replaces values by exp(value) with a relative error below 3e-7; values outside of [-87, 88] count
// as these bounds.
void Exponentials(std::span<float> values);
// Replaces values by the natural logarithm of max(value, floor) within 2 units in the last place
// of max(1, |log|). The floor must be normal, and values finite.
void Logarithms(float floor, std::span<float> values);

}  // namespace lockstep
