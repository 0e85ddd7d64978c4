// Loaded in front of a program (LD_PRELOAD) to make one rank die or stall inside a chosen call.
//
//   LOCKSTEP_TEST_STALL="RANK CALL NTH HOW [PATH]"   at the NTH call (from 1) of CALL on that rank;
//       for calls on files only those whose path holds PATH count
//   LOCKSTEP_TEST_MARK=FILE                          made in the moment it happens
// HOW: kill, stop, segv, bus, ill, fpe, abort (signals to itself), terminate (as an exception that
// nobody catches), exit (with code 3), spin (for ever, computing), block (for ever, in a read).
// Besides, SIGRTMIN makes the main thread spin wherever it is.
#include <dlfcn.h>
#include <fcntl.h>
#include <mpi.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <sstream>
#include <string>

namespace {

struct Plan {
  int rank = -1;
  std::string call;
  int nth = 0;
  std::string how;
  std::string path;
};

Plan ReadPlan() {
  Plan plan;
  const char* const text = std::getenv("LOCKSTEP_TEST_STALL");
  if (text != nullptr)
    std::istringstream(text) >> plan.rank >> plan.call >> plan.nth >> plan.how >> plan.path;
  return plan;
}

const Plan& ThePlan() {
  static const Plan plan = ReadPlan();
  return plan;
}

int OwnRank() {
  const char* const text = std::getenv("OMPI_COMM_WORLD_RANK");
  return text == nullptr ? 0 : std::atoi(text);
}

[[noreturn]] void Spin() {
  volatile std::uint64_t turns = 0;
  while (true) turns = turns + 1;
}

void Mark() {
  const char* const file = std::getenv("LOCKSTEP_TEST_MARK");
  if (file != nullptr) ::close(::open(file, O_CREAT | O_WRONLY, 0644));
}

void Block() {
  int ends[2];
  char byte;
  if (::pipe(ends) != 0) std::abort();
  const auto real_read =
      reinterpret_cast<ssize_t (*)(int, void*, size_t)>(::dlsym(RTLD_NEXT, "read"));
  real_read(ends[0], &byte, 1);
}

void Happen(const std::string& how) {
  Mark();
  if (how == "kill") std::raise(SIGKILL);
  // The whole process, as from outside.
  if (how == "stop") ::kill(::getpid(), SIGSTOP);
  if (how == "segv") std::raise(SIGSEGV);
  if (how == "bus") std::raise(SIGBUS);
  if (how == "ill") std::raise(SIGILL);
  if (how == "fpe") std::raise(SIGFPE);
  if (how == "terminate") std::terminate();
  if (how == "abort") std::abort();
  if (how == "exit") std::_Exit(3);
  if (how == "spin") Spin();
  if (how == "block") Block();
}

void Called(const char* call) {
  static std::atomic<int> calls = 0;
  const Plan& plan = ThePlan();
  if (plan.call != call || plan.rank != OwnRank()) return;
  if (++calls == plan.nth) Happen(plan.how);
}

void CalledOn(const char* call, int fd) {
  const Plan& plan = ThePlan();
  if (plan.call != call) return;
  char path[4096] = {};
  const std::string link = "/proc/self/fd/" + std::to_string(fd);
  if (::readlink(link.c_str(), path, sizeof(path) - 1) < 0) return;
  if (std::strstr(path, plan.path.c_str()) != nullptr) Called(call);
}

template <typename Function>
Function* Real(const char* name) {
  return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

__attribute__((constructor)) void ListenForSpin() {
  struct sigaction action {};
  action.sa_handler = [](int) {
    Mark();
    Spin();
  };
  ::sigaction(SIGRTMIN, &action, nullptr);
}

}  // namespace

extern "C" {

ssize_t pread(int fd, void* buffer, size_t count, off_t offset) {
  CalledOn("pread", fd);
  static auto* const real = Real<ssize_t(int, void*, size_t, off_t)>("pread");
  return real(fd, buffer, count, offset);
}
ssize_t pread64(int fd, void* buffer, size_t count, off64_t offset) {
  CalledOn("pread", fd);
  static auto* const real = Real<ssize_t(int, void*, size_t, off64_t)>("pread64");
  return real(fd, buffer, count, offset);
}
ssize_t pwrite(int fd, const void* buffer, size_t count, off_t offset) {
  CalledOn("pwrite", fd);
  static auto* const real = Real<ssize_t(int, const void*, size_t, off_t)>("pwrite");
  return real(fd, buffer, count, offset);
}
ssize_t pwrite64(int fd, const void* buffer, size_t count, off64_t offset) {
  CalledOn("pwrite", fd);
  static auto* const real = Real<ssize_t(int, const void*, size_t, off64_t)>("pwrite64");
  return real(fd, buffer, count, offset);
}
int fsync(int fd) {
  CalledOn("fsync", fd);
  static auto* const real = Real<int(int)>("fsync");
  return real(fd);
}

int MPI_Init_thread(int* argc, char*** argv, int required, int* provided) {
  Called("MPI_Init_thread");
  return PMPI_Init_thread(argc, argv, required, provided);
}
int MPI_Finalize() {
  Called("MPI_Finalize");
  return PMPI_Finalize();
}
int MPI_Ibcast(void* buffer, int count, MPI_Datatype type, int root, MPI_Comm comm,
               MPI_Request* request) {
  Called("MPI_Ibcast");
  return PMPI_Ibcast(buffer, count, type, root, comm, request);
}
int MPI_Irecv(void* data, int count, MPI_Datatype type, int from, int tag, MPI_Comm comm,
              MPI_Request* request) {
  Called("MPI_Irecv");
  return PMPI_Irecv(data, count, type, from, tag, comm, request);
}
int MPI_Testall(int count, MPI_Request* requests, int* done, MPI_Status* statuses) {
  Called("MPI_Testall");
  return PMPI_Testall(count, requests, done, statuses);
}
int MPI_Testsome(int count, MPI_Request* requests, int* done, int* which, MPI_Status* statuses) {
  Called("MPI_Testsome");
  return PMPI_Testsome(count, requests, done, which, statuses);
}

}  // extern "C"
