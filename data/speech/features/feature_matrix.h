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

// Row-major, one row per frame.
struct FeatureMatrix {
  Index rows = 0;
  Index columns = 0;
  std::vector<float> values;  // [rows, columns]
};

// Returns the part of `matrix` in the ranges. BadData if they are not within it.
FeatureMatrix Slice(FeatureMatrix matrix, const SliceRange& rows, const SliceRange& columns);
MatrixShape SliceShape(const MatrixShape& shape, const SliceRange& rows, const SliceRange& columns);

}  // namespace lockstep
