// Gives all large aligned arrays of all simulated ranks the same memory: 1024 ranks with three
// arrays of 45 MB each would take 138 GB, and their values do not matter here. SMPI's headers turn
// free into smpi_shared_free. Linked with --wrap=aligned_alloc, --wrap=free and
// --wrap=smpi_shared_free.
#include <sys/mman.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

namespace {
constexpr std::size_t kLargeBytes = std::size_t{1} << 17;
constexpr std::size_t kMostBytes = std::size_t{1} << 26;

// Each rank has its own copy of this program's variables, so the shared memory is at a fixed
// address.
void* Shared() { return reinterpret_cast<void*>(std::uintptr_t{0x600000000000}); }

void Map() {
  void* const memory = mmap(Shared(), kMostBytes, PROT_READ | PROT_WRITE,
                            MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
  if (memory != Shared() && errno != EEXIST) std::abort();
}
}  // namespace

extern "C" {
void* __real_aligned_alloc(std::size_t alignment, std::size_t bytes);
void __real_free(void* memory);
void __real_smpi_shared_free(void* memory);

void* __wrap_aligned_alloc(std::size_t alignment, std::size_t bytes) {
  if (bytes < kLargeBytes) return __real_aligned_alloc(alignment, bytes);
  if (bytes > kMostBytes) std::abort();
  Map();
  return Shared();
}

void __wrap_free(void* memory) {
  if (memory != Shared()) __real_free(memory);
}

void __wrap_smpi_shared_free(void* memory) {
  if (memory != Shared()) __real_smpi_shared_free(memory);
}
}
