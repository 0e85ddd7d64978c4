// Memory of this process as the system counts it.
#pragma once

#include "base/types.h"

namespace lockstep {

// Resident now, and the most it ever was. 0 where the system does not say.
Index ResidentBytes();
Index PeakResidentBytes();

// Large arrays go back to the system when they are freed, whatever was freed before. Otherwise the
// C library keeps them for later ones of its liking and the peak depends on the order of events.
// Before the first large array.
void ReturnLargeArrays();

// What all threads have freed and the C library has kept goes back to the system now.
void ReturnFreeMemory();

}  // namespace lockstep
