// Where to cut what is too long for the decoder.
#pragma once

#include <span>

#include "base/types.h"

namespace lockstep {

// The number of steps before a cut in `logits` [steps, classes] of a CTC model: the middle of the
// longest run of blanks among the later half of the steps; all steps if there is none.
Index CutInPause(std::span<const float> logits, Index classes);

}  // namespace lockstep
