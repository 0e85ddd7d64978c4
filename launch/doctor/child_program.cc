#include "launch/doctor/child_program.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <string_view>

#include "base/error.h"

namespace lockstep {
namespace {

bool IsOfLauncher(std::string_view variable) {
  constexpr std::array<std::string_view, 8> kPrefixes = {"OMPI_", "PMI_",   "PMIX_",  "PMI2_",
                                                         "PRTE_", "HYDRA_", "SLURM_", "LOCKSTEP_"};
  for (std::string_view prefix : kPrefixes) {
    if (variable.starts_with(prefix)) return true;
  }
  return false;
}

std::vector<char*> PlainEnvironment() {
  std::vector<char*> plain;
  for (char** variable = environ; *variable != nullptr; ++variable) {
    if (!IsOfLauncher(*variable)) plain.push_back(*variable);
  }
  plain.push_back(nullptr);
  return plain;
}

// Runs in the child, between fork and exec. Must not allocate, because another thread may have held
// the lock of the heap at the time of the fork.
[[noreturn]] void BecomeChild(const char* program, char* const* words, char* const* environment,
                              int log, pid_t parent) {
  ::setpgid(0, 0);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(127);
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::dup2(log, STDOUT_FILENO);
  ::dup2(log, STDERR_FILENO);
  ::close_range(3, ~0U, 0);  // closes all open files, above all the sockets of MPI
  ::execve(program, words, environment);
  ::_exit(127);
}

}  // namespace

ChildProgram::ChildProgram(const std::vector<std::string>& words, const std::string& log,
                           Janitor* janitor)
    : janitor_(janitor) {
  const std::string program = std::filesystem::read_symlink("/proc/self/exe").string();
  std::vector<std::string> all = {program};
  all.insert(all.end(), words.begin(), words.end());
  std::vector<char*> pointers;
  pointers.reserve(all.size() + 1);
  for (std::string& word : all) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  const std::vector<char*> environment = PlainEnvironment();
  const int file =
      ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0644);
  if (file < 0) throw IoError(fmt::format("cannot open {}: {}", log, ErrnoText()));
  const pid_t parent = ::getpid();
  pid_ = ::fork();
  if (pid_ == 0) BecomeChild(program.c_str(), pointers.data(), environment.data(), file, parent);
  const std::string reason = ErrnoText();
  ::close(file);
  if (pid_ < 0) throw IoError(fmt::format("cannot start another process: {}", reason));
  ::setpgid(pid_, pid_);  // the child does the same; the first call counts
  janitor_->SetChildren(pid_);
}

ChildProgram::~ChildProgram() { Kill(); }

bool ChildProgram::Ended() {
  int status = 0;
  if (ended_ || ::waitpid(pid_, &status, WNOHANG) != pid_) return ended_;
  ended_ = true;
  exit_code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  janitor_->SetChildren(0);
  return true;
}

void ChildProgram::Kill() {
  if (ended_) return;
  ::kill(-pid_, SIGKILL);
  while (!Ended()) ::usleep(100);
}

}  // namespace lockstep
