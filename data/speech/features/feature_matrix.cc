#include "data/speech/features/feature_matrix.h"

#include <utility>

#include "base/error.h"

namespace lockstep {
namespace {

SliceRange Within(const SliceRange& range, Index size, const char* what) {
  const SliceRange whole{range.begin, range.end < 0 ? size : range.end};
  if (whole.begin > whole.end || whole.end > size) {
    throw BadData("{} {} to {} are asked for, and the matrix has {}", what, range.begin,
                  whole.end - 1, size);
  }
  return whole;
}

}  // namespace

MatrixShape SliceShape(const MatrixShape& shape, const SliceRange& rows,
                       const SliceRange& columns) {
  const SliceRange r = Within(rows, shape.rows, "rows");
  const SliceRange c = Within(columns, shape.columns, "columns");
  return {r.end - r.begin, c.end - c.begin};
}

FeatureMatrix Slice(FeatureMatrix matrix, const SliceRange& rows, const SliceRange& columns) {
  const MatrixShape shape = SliceShape({matrix.rows, matrix.columns}, rows, columns);
  if (shape.rows == matrix.rows && shape.columns == matrix.columns) return matrix;
  FeatureMatrix cut{shape.rows, shape.columns, {}};
  cut.values.reserve(static_cast<std::size_t>(shape.rows * shape.columns));
  for (Index r = 0; r < shape.rows; ++r) {
    const auto row = matrix.values.begin() + (rows.begin + r) * matrix.columns + columns.begin;
    cut.values.insert(cut.values.end(), row, row + shape.columns);
  }
  return cut;
}

}  // namespace lockstep
