// Feature files of CMU Sphinx (.mfc), such as those of AN4.
#pragma once

#include <string>

#include "data/speech/features/feature_matrix.h"

namespace lockstep {

// Reads a Sphinx feature file: the number of floats as a 32-bit integer, then the floats, `columns`
// per frame. The file is big-endian, or little-endian if only that fits its length. BadData if
// neither does, or the floats are not a whole number of frames.
FeatureMatrix ReadMfcFile(const std::string& path, Index columns);
MatrixShape MfcShape(const std::string& path, Index columns);

}  // namespace lockstep
