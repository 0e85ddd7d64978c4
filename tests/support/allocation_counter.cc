#include "tests/support/allocation_counter.h"

#include <atomic>
#include <cstddef>

namespace {
std::atomic<std::int64_t> all_threads{0};
thread_local std::int64_t this_thread = 0;

void Count() {
  all_threads.fetch_add(1, std::memory_order_relaxed);
  ++this_thread;
}
}  // namespace

extern "C" {
void* __libc_malloc(std::size_t bytes);
void* __libc_calloc(std::size_t count, std::size_t bytes);
void* __libc_realloc(void* memory, std::size_t bytes);
void* __libc_memalign(std::size_t alignment, std::size_t bytes);

void* malloc(std::size_t bytes) {
  Count();
  return __libc_malloc(bytes);
}
void* calloc(std::size_t count, std::size_t bytes) {
  Count();
  return __libc_calloc(count, bytes);
}
void* realloc(void* memory, std::size_t bytes) {
  Count();
  return __libc_realloc(memory, bytes);
}
void* aligned_alloc(std::size_t alignment, std::size_t bytes) {
  Count();
  return __libc_memalign(alignment, bytes);
}
int posix_memalign(void** memory, std::size_t alignment, std::size_t bytes) {
  Count();
  *memory = __libc_memalign(alignment, bytes);
  return *memory == nullptr ? 12 : 0;  // ENOMEM
}
}

namespace lockstep {

std::int64_t AllocationsOfAllThreads() { return all_threads.load(std::memory_order_relaxed); }
std::int64_t AllocationsOfThisThread() { return this_thread; }

}  // namespace lockstep
