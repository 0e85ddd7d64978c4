#include "base/process_memory.h"

#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
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

// Pages that were touched before would stay small, so they are given back, which only pages that
// belong to the array alone may be.
void UseLargePages(std::span<std::byte> array) {
  const auto page = static_cast<std::uintptr_t>(sysconf(_SC_PAGESIZE));
  const auto begin = reinterpret_cast<std::uintptr_t>(array.data()), end = begin + array.size();
  const std::uintptr_t first = (begin + page - 1) / page * page, last = end / page * page;
  void* const pages = array.data() + (first - begin);
  if (first < last && madvise(pages, last - first, MADV_HUGEPAGE) == 0) {
    madvise(pages, last - first, MADV_DONTNEED);
  }
  std::ranges::fill(array, std::byte{0});
}

void ReturnFreeMemory() { malloc_trim(0); }

}  // namespace lockstep
