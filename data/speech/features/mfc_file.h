// Feature files of CMU Sphinx (.mfc), such as those of AN4.
#pragma once

#include <string>

#include "data/speech/features/feature_matrix.h"

namespace lockstep {

// A Sphinx feature file: the number of floats as a 32-bit integer, then the floats, `columns` a
// frame. Big-endian, or little-endian when only that goes with the length of the file. BadData when
// neither does or the floats are no whole number of frames.
FeatureMatrix ReadMfcFile(const std::string& path, Index columns);
MatrixShape MfcShape(const std::string& path, Index columns);

}  // namespace lockstep
