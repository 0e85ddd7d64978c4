#include "base/process_memory.h"

#include <malloc.h>

#include <fstream>
#include <string>

namespace lockstep {
namespace {

// Reads a line of /proc/self/status such as "VmRSS:     1234 kB".
Index StatusBytes(const std::string& key) {
  std::ifstream status("/proc/self/status");
  std::string word;
  while (status >> word) {
    Index kilobytes = 0;
    if (word == key && status >> kilobytes) return kilobytes * 1024;
  }
  return 0;
}

}  // namespace

Index ResidentBytes() { return StatusBytes("VmRSS:"); }
Index PeakResidentBytes() { return StatusBytes("VmHWM:"); }

void ReturnLargeArrays() {
  // The arrays of all but tiny models are larger than this. With 1 MiB instead, smaller arrays that
  // two threads allocate and free, such as those of a checkpoint, left holes in the heap, which
  // grew to twice its size.
  constexpr int kLargeBytes = 1 << 17;
  mallopt(M_MMAP_THRESHOLD, kLargeBytes);  // setting it also stops it from growing by itself
}

void ReturnFreeMemory() { malloc_trim(0); }

}  // namespace lockstep
