// Is preloaded into a program (LD_PRELOAD) and counts the bytes that C++ code holds on the heap:
// those from operator new and aligned_alloc. OpenMPI and HDF5 are written in C and use malloc, so
// they are not counted. At the end, rank HEAP_METER_RANK of OpenMPI writes the most bytes held at
// any time to the file HEAP_METER. For tests.
#include <dlfcn.h>
#include <malloc.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <new>

namespace {

std::atomic<std::int64_t> held{0}, most{0};

void Add(void* memory) {
  const auto bytes = static_cast<std::int64_t>(::malloc_usable_size(memory));
  const std::int64_t now = held.fetch_add(bytes) + bytes;
  for (std::int64_t before = most; before < now && !most.compare_exchange_weak(before, now);) {
  }
}
void Remove(void* memory) { held -= static_cast<std::int64_t>(::malloc_usable_size(memory)); }

// Large arrays, which end in free as what C code holds does.
constexpr std::uintptr_t kAlignment = 64;
std::array<std::atomic<void*>, 4096> aligned{};

void RememberAligned(void* memory) {
  for (std::atomic<void*>& place : aligned) {
    void* none = nullptr;
    if (place.compare_exchange_strong(none, memory)) return Add(memory);
  }
  std::abort();
}
void ForgetAligned(void* memory) {
  for (std::atomic<void*>& place : aligned) {
    void* found = memory;
    if (!place.compare_exchange_strong(found, nullptr)) continue;
    return Remove(memory);
  }
}

struct Report {
  ~Report() {
    const char* const path = std::getenv("HEAP_METER");
    const char* const rank = std::getenv("OMPI_COMM_WORLD_RANK");
    const char* const wanted = std::getenv("HEAP_METER_RANK");
    if (path == nullptr || rank == nullptr || wanted == nullptr || std::strcmp(rank, wanted) != 0) {
      return;
    }
    std::FILE* const file = std::fopen(path, "w");
    std::fprintf(file, "%lld\n", static_cast<long long>(most.load()));
    std::fclose(file);
  }
} report;

void* Take(void* memory) {
  if (memory == nullptr) throw std::bad_alloc();
  Add(memory);
  return memory;
}
void Give(void* memory) {
  if (memory == nullptr) return;
  Remove(memory);
  std::free(memory);
}

}  // namespace

void* operator new(std::size_t bytes) { return Take(std::malloc(bytes)); }
void* operator new[](std::size_t bytes) { return Take(std::malloc(bytes)); }
void* operator new(std::size_t bytes, const std::nothrow_t&) noexcept {
  void* const memory = std::malloc(bytes);
  if (memory != nullptr) Add(memory);
  return memory;
}
void operator delete(void* memory) noexcept { Give(memory); }
void operator delete[](void* memory) noexcept { Give(memory); }
void operator delete(void* memory, std::size_t) noexcept { Give(memory); }
void operator delete[](void* memory, std::size_t) noexcept { Give(memory); }
void operator delete(void* memory, const std::nothrow_t&) noexcept { Give(memory); }

extern "C" {
void* __libc_memalign(std::size_t alignment, std::size_t bytes);
void __libc_free(void* memory);

void* aligned_alloc(std::size_t alignment, std::size_t bytes) {
  void* const memory = __libc_memalign(alignment, bytes);
  if (memory != nullptr) RememberAligned(memory);
  return memory;
}
void free(void* memory) {
  if (memory != nullptr && reinterpret_cast<std::uintptr_t>(memory) % kAlignment == 0) {
    ForgetAligned(memory);
  }
  __libc_free(memory);
}
}
