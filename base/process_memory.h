// The memory of this process, as the operating system counts it.
#pragma once

#include "base/types.h"

namespace lockstep {

// The resident memory now, and the most it ever was. 0 if the system does not tell.
Index ResidentBytes();
Index PeakResidentBytes();

// From now on, the memory of large arrays is returned to the system as soon as they are freed.
// Otherwise the C library may keep it for later arrays, and the peak would depend on the order of
// events. Must be called before the first large array is allocated.
void ReturnLargeArrays();

// Returns to the system all memory that was freed, by any thread, but kept by the C library.
void ReturnFreeMemory();

}  // namespace lockstep
