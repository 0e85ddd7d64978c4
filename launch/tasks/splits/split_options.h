// Options of `lockstep prepare` that all importers share which can draw validation and test data
// from the training files.
#pragma once

#include "data/splits/split_draw.h"
#include "launch/frame/options.h"

namespace lockstep {

std::span<const OptionRow> SplitDrawRows();

// What these options say. UsageError where a value is not allowed.
SplitDraw SplitDrawOf(const Options& options);

}  // namespace lockstep
