// Splits that have files of their own and are to be drawn from the training files as well.
#pragma once

#include <string>
#include <vector>

#include "data/splits/split_draw.h"

namespace lockstep {

// One sentence for each split that two options make. `has_valid` and `has_test`: whether the user
// gives files of these splits.
std::vector<std::string> FindSplitConflicts(const SplitDraw& draw, bool has_valid, bool has_test);

}  // namespace lockstep
