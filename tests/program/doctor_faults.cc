// A library for LD_PRELOAD that plants one fault in one rank: LOCKSTEP_TEST_FAULT names the fault,
// LOCKSTEP_TEST_FAULT_RANK the rank (of OpenMPI; 0 where there is none).
//   arithmetic  one bit of a constant that the gate kernels compute with, in this process's memory
//   exponential expf is off by its last bit
//   flush       tiny numbers become zero, as a library built with -ffast-math does it
//   no-locks    flock says that it is not there
//   free-locks  flock grants every lock
//   no-avx512, no-avx2   the processor looks as if it had not these instructions
#include <dlfcn.h>
#include <hwy/targets.h>
#include <link.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <unistd.h>
#include <xmmintrin.h>

#include <cerrno>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstring>

namespace {

bool Planted(const char* fault) {
  const char* wanted = std::getenv("LOCKSTEP_TEST_FAULT");
  if (wanted == nullptr || std::strcmp(wanted, fault) != 0) return false;
  const char* rank = std::getenv("OMPI_COMM_WORLD_RANK");
  const char* chosen = std::getenv("LOCKSTEP_TEST_FAULT_RANK");
  return std::atoi(rank == nullptr ? "0" : rank) == std::atoi(chosen == nullptr ? "0" : chosen);
}

// A coefficient of the tanh that all gates take (worker/kernels/vector_math-inl.h).
constexpr float kCoefficient = 1.48572235717979e-05f;

void FlipIn(std::uint8_t* begin, std::size_t bytes) {
  const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
  const std::uintptr_t start = reinterpret_cast<std::uintptr_t>(begin) / page * page;
  const std::size_t length = reinterpret_cast<std::uintptr_t>(begin) + bytes - start;
  if (::mprotect(reinterpret_cast<void*>(start), length, PROT_READ | PROT_WRITE | PROT_EXEC) != 0) {
    return;
  }
  for (std::size_t i = 0; i + sizeof kCoefficient <= bytes; ++i) {
    if (std::memcmp(begin + i, &kCoefficient, sizeof kCoefficient) == 0) begin[i] ^= 1;
  }
}

// The main program comes first. What is not writable holds code and constants.
int FlipInProgram(dl_phdr_info* info, std::size_t, void*) {
  for (int i = 0; i < info->dlpi_phnum; ++i) {
    const ElfW(Phdr)& part = info->dlpi_phdr[i];
    if (part.p_type != PT_LOAD || (part.p_flags & PF_W) != 0) continue;
    FlipIn(reinterpret_cast<std::uint8_t*>(info->dlpi_addr + part.p_vaddr), part.p_memsz);
  }
  return 1;
}

__attribute__((constructor)) void Plant() {
  if (Planted("arithmetic")) dl_iterate_phdr(FlipInProgram, nullptr);
  if (Planted("flush")) _mm_setcsr(_mm_getcsr() | 0x8040);
}

}  // namespace

extern "C" {

float expf(float x) {
  static const auto real = reinterpret_cast<float (*)(float)>(::dlsym(RTLD_NEXT, "expf"));
  static const bool planted = Planted("exponential");
  return planted ? std::nextafter(real(x), 2.0f) : real(x);
}

int flock(int fd, int operation) {
  static const auto real = reinterpret_cast<int (*)(int, int)>(::dlsym(RTLD_NEXT, "flock"));
  if (Planted("free-locks")) return 0;
  if (!Planted("no-locks")) return real(fd, operation);
  errno = ENOSYS;
  return -1;
}
}

namespace hwy {

int64_t SupportedTargets() {
  static const auto real =
      reinterpret_cast<int64_t (*)()>(::dlsym(RTLD_NEXT, "_ZN3hwy16SupportedTargetsEv"));
  const int64_t newest = HWY_AVX3 | HWY_AVX3_DL;
  if (Planted("no-avx512")) return real() & ~newest;
  if (Planted("no-avx2")) return real() & ~(newest | HWY_AVX2);
  return real();
}

}  // namespace hwy
