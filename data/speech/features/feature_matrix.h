// Features of an utterance as an array, and parts of it.
#pragma once

#include <vector>

#include "base/types.h"
#include "data/speech/manifests/utterance.h"

namespace lockstep {

struct MatrixShape {
  Index rows = 0;
  Index columns = 0;
};

// Row-major, a row a frame.
struct FeatureMatrix {
  Index rows = 0;
  Index columns = 0;
  std::vector<float> values;  // [rows, columns]
};

// Cuts `matrix` to the ranges. BadData when they do not lie in it.
FeatureMatrix Slice(FeatureMatrix matrix, const SliceRange& rows, const SliceRange& columns);
MatrixShape SliceShape(const MatrixShape& shape, const SliceRange& rows, const SliceRange& columns);

}  // namespace lockstep
