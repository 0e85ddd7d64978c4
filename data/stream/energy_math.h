// Exponentials and logarithms of log-mel features on their way into a batch. Every instruction set
// gives the same bits: they are functions of this program, because those of the C library depend on
// whether there is fused multiply-add.
#pragma once

#include <span>

#include "base/types.h"

namespace lockstep {

// Replaces values by exp(value) with a relative error below 3e-7; values outside of [-87, 88] count
// as these bounds.
void Exponentials(std::span<float> values);
// Replaces values by log(max(value, 1e-35)), within 3e-7 of max(1, |log|).
void Logarithms(std::span<float> values);

// The factor of an energy for a level in dB: 10^(decibels / 10).
double EnergyFactor(double decibels);

}  // namespace lockstep
