// The memory of this process, as the operating system counts it.
#pragma once

#include <cstddef>
#include <span>

#include "base/types.h"

namespace lockstep {

// The resident memory now, and the most it ever was. 0 if the system does not tell.
Index ResidentBytes();
Index PeakResidentBytes();

// From now on, the memory of large arrays is returned to the system as soon as they are freed.
// Otherwise the C library may keep it for later arrays, and the peak would depend on the order of
// events. Must be called before the first large array is allocated.
void ReturnLargeArrays();

// Asks the system to hold `array`, of at least some MiB, in pages of 2 MiB instead of 4 KiB, where
// whole ones fit into it; the system may have none. A processor remembers the places of
// about 2000 pages, so a pass over tens of MiB would wait again and again until a place is looked
// up, longest in a virtual machine. Sets all bytes to zero; the calling thread is the first to
// touch the new pages, so they lie near its core.
void UseLargePages(std::span<std::byte> array);

// Returns to the system all memory that was freed, by any thread, but kept by the C library.
void ReturnFreeMemory();

}  // namespace lockstep
