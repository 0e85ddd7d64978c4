#include "launch/supervise/process_probe.h"

#include <fmt/format.h>
#include <sys/syscall.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <utility>
#include <vector>

namespace lockstep {
namespace {

constexpr std::size_t kMostThreads = 8;  // the most threads described in a message

struct SystemCall {
  long number;
  const char* name;
  bool on_file;  // its first argument is a descriptor
};
constexpr std::array<SystemCall, 18> kCalls = {{
    {SYS_read, "read", true},
    {SYS_write, "write", true},
    {SYS_pread64, "pread", true},
    {SYS_pwrite64, "pwrite", true},
    {SYS_readv, "readv", true},
    {SYS_writev, "writev", true},
    {SYS_fsync, "fsync", true},
    {SYS_fdatasync, "fdatasync", true},
    {SYS_ftruncate, "ftruncate", true},
    {SYS_close, "close", true},
    {SYS_flock, "flock", true},
    {SYS_openat, "open", false},
    {SYS_renameat2, "rename", false},
    {SYS_unlinkat, "unlink", false},
    {SYS_newfstatat, "stat", false},
    {SYS_ppoll, "poll", false},
    {SYS_sched_yield, "sched_yield", false},
    {SYS_clock_nanosleep, "sleep", false},
}};

std::string LineOf(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

// The state in a line "4242 (name) S ...". The name may contain anything, so the end of the name is
// searched from the end of the line.
char StateIn(const std::string& stat) {
  const std::size_t end = stat.rfind(") ");
  return end == std::string::npos || end + 2 >= stat.size() ? '?' : stat[end + 2];
}

struct Thread {
  std::string text;
  bool idle;  // the thread sleeps until another thread wakes it
};

// The sum of the counts in a file of lines "name: count".
std::uint64_t SumOfCounts(const std::string& path) {
  std::ifstream file(path);
  std::string name;
  std::uint64_t sum = 0, count = 0;
  while (file >> name >> count) sum += count;
  return sum;
}

// Minor and major faults: fields 10 and 12 of /proc/PID/stat.
std::uint64_t FaultsIn(const std::string& stat) {
  const std::size_t end = stat.rfind(") ");
  if (end == std::string::npos) return 0;
  std::istringstream words(stat.substr(end + 2));
  std::string skipped;
  for (int field = 3; field < 10; ++field) words >> skipped;
  std::uint64_t minor = 0, of_children = 0, major = 0;
  words >> minor >> of_children >> major;
  return minor + major;
}

bool AnyWaitsForStorage(const std::string& folder) {
  std::error_code error;
  for (std::filesystem::directory_iterator entry(folder + "/task", error), end;
       !error && entry != end; entry.increment(error)) {
    if (StateIn(LineOf(entry->path().string() + "/stat")) == 'D') return true;
  }
  return false;
}

std::string FileOf(pid_t process, const std::string& descriptor) {
  std::error_code error;
  const int number = static_cast<int>(std::strtol(descriptor.c_str(), nullptr, 16));
  const auto path =
      std::filesystem::read_symlink(fmt::format("/proc/{}/fd/{}", process, number), error);
  return error ? fmt::format("descriptor {}", number) : path.string();
}

// The line is "running", or the number of the call and its arguments in hexadecimal.
std::string CallIn(pid_t process, const std::string& line, bool* idle) {
  std::istringstream words(line);
  long number = -1;
  std::string argument;
  if (!(words >> number >> argument)) return line.empty() ? "" : ", " + line;
  *idle = number == SYS_futex;
  const auto known = std::find_if(kCalls.begin(), kCalls.end(),
                                  [&](const SystemCall& call) { return call.number == number; });
  if (*idle) return ", waits for a lock or a task";
  if (known == kCalls.end()) return fmt::format(", in system call {}", number);
  if (!known->on_file) return fmt::format(", in {}", known->name);
  return fmt::format(", in {} of {}", known->name, FileOf(process, argument));
}

Thread Describe(pid_t process, const std::string& thread) {
  const std::string folder = fmt::format("/proc/{}/task/{}", process, thread);
  const std::string name = LineOf(folder + "/comm"), waits = LineOf(folder + "/wchan");
  Thread found{fmt::format("thread {} ({}): {}", thread, name, StateIn(LineOf(folder + "/stat"))),
               false};
  found.text += CallIn(process, LineOf(folder + "/syscall"), &found.idle);
  if (!waits.empty() && waits != "0" && !found.idle) found.text += " (kernel: " + waits + ")";
  return found;
}

}  // namespace

char ProcessState(pid_t process) { return StateIn(LineOf(fmt::format("/proc/{}/stat", process))); }

ProcessActivity ActivityOf(pid_t process) {
  const std::string folder = fmt::format("/proc/{}", process);
  const ThreadActivity main = ActivityOfThread(process, process);
  return {.known = true,
          .storage = AnyWaitsForStorage(folder),
          .io = SumOfCounts(folder + "/io"),
          .faults = FaultsIn(LineOf(folder + "/stat")),
          .computed = main.computed,
          .queued = main.queued};
}

ThreadActivity ActivityOfThread(pid_t process, pid_t thread) {
  const std::string folder = fmt::format("/proc/{}/task/{}", process, thread);
  std::istringstream times(LineOf(folder + "/schedstat"));  // both in nanoseconds
  double computed = 0, queued = 0;
  times >> computed >> queued;
  const char state = StateIn(LineOf(folder + "/stat"));
  return {.runs = state == 'R',
          .storage = state == 'D',
          .io = SumOfCounts(folder + "/io"),
          .computed = computed * 1e-9,
          .queued = queued * 1e-9};
}

std::string DescribeThreads(pid_t process) {
  std::error_code error;
  std::vector<Thread> threads;
  const std::string folder = fmt::format("/proc/{}/task", process);
  for (std::filesystem::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    threads.push_back(Describe(process, entry->path().filename().string()));
  }
  std::stable_partition(threads.begin(), threads.end(), [](const Thread& t) { return !t.idle; });
  const bool any_busy = !threads.empty() && !threads[0].idle;
  std::string text;
  for (std::size_t i = 0; i < std::min(threads.size(), kMostThreads); ++i) {
    if (any_busy && threads[i].idle) break;
    text += (text.empty() ? "" : "; ") + threads[i].text;
  }
  return text;
}

}  // namespace lockstep
