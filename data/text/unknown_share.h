// Warns of texts of which most is unknown to a vocabulary.
#pragma once

#include <string>

#include "base/types.h"

namespace lockstep {

// A sentence for a split of which half of the tokens or more are unknown; else empty. `split` is
// its name.
std::string UnknownShareWarning(const std::string& split, Index unknown, Index tokens);

}  // namespace lockstep
