// Sums and products for feature extraction, in vector registers. Every instruction set gives the
// same bits, because the order of additions is fixed.
#pragma once

#include "base/types.h"

namespace lockstep {

float Mean(const float* values, Index count);
// The sum is in double.
double SumOfSquares(const float* values, Index count);
// Sets `products` [rows] to the product of `matrix` [rows, columns] and `vector` [columns].
void MultiplyVector(const float* matrix, const float* vector, Index rows, Index columns,
                    float* products);

}  // namespace lockstep
