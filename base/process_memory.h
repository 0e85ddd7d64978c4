// Memory of this process as the system counts it.
#pragma once

#include "base/types.h"

namespace lockstep {

// Resident now, and the most it ever was. 0 where the system does not say.
Index ResidentBytes();
Index PeakResidentBytes();

}  // namespace lockstep
