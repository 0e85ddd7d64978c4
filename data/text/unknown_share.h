// Warns of texts of which most is unknown to a vocabulary.
#pragma once

#include <string>

#include "base/types.h"

namespace lockstep {

// A sentence for a split of which half of the tokens or more are unknown; else empty. `split` is
// its name, `is_counted` says that the tokens of the training texts decided which have an id.
std::string UnknownShareWarning(const std::string& split, Index unknown, Index tokens,
                                bool is_counted);

}  // namespace lockstep
