// Sums and logarithms for feature extraction, in vector registers. Every instruction set gives the
// same bits: the order of additions is fixed, and the logarithm is a function of this program,
// because that of the C library depends on whether there is fused multiply-add.
#pragma once

#include "base/types.h"

namespace lockstep {

float Mean(const float* values, Index count);
// The sum is in double.
double SumOfSquares(const float* values, Index count);
// Sets `products` [rows] to the product of `matrix` [rows, columns] and `vector` [columns].
void MultiplyVector(const float* matrix, const float* vector, Index rows, Index columns,
                    float* products);
// Replaces values by the natural logarithm of max(value, floor) within 2 units in the last place
// of max(1, |log|). The floor must be normal, and values finite.
void FlooredLogs(float floor, float* values, Index count);

}  // namespace lockstep
