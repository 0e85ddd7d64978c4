#include "launch/doctor/janitor.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <filesystem>

#include "base/error.h"
#include "base/phase_timer.h"

namespace lockstep {
namespace {

// A message to the janitor is one of these letters, a text, and a zero byte. The connection ends
// with the doctor.
constexpr char kFolder = 'f', kParent = 'p', kChildren = 'c';
constexpr double kMostSeconds = 10;  // limit for cleaning up; the file system may hang

struct Task {
  std::string folder;
  std::vector<std::string> parents;
  pid_t children = 0;
};

void Understand(const std::string& word, Task* task) {
  const std::string text = word.substr(1);
  if (word[0] == kFolder) {
    task->folder = text;
    task->parents.clear();
  } else if (word[0] == kParent) {
    task->parents.push_back(text);
  } else if (word[0] == kChildren) {
    task->children = std::atoi(text.c_str());
  }
}

// Receives messages until the doctor ends.
Task Listen(int line) {
  Task task;
  std::string word;
  std::array<char, 512> bytes{};
  while (true) {
    const ssize_t got = ::read(line, bytes.data(), bytes.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return task;
    for (ssize_t i = 0; i < got; ++i) {
      if (const char byte = bytes[static_cast<std::size_t>(i)]; byte != '\0') {
        word += byte;
      } else {
        Understand(word, &task);
        word.clear();
      }
    }
  }
}

// Kills the children and waits until they are gone, because a dying child may still make a file.
// Waits at most one second: a dead child stays in the group until its parent has asked for its exit
// code.
void EndChildren(pid_t group) {
  const double until = Seconds() + 1;
  while (group > 0 && ::kill(-group, SIGKILL) == 0 && Seconds() < until) ::usleep(2000);
}

void Clean(const Task& task) {
  EndChildren(task.children);
  if (task.folder.empty()) return;
  std::error_code error;
  const double until = Seconds() + kMostSeconds;
  while (std::filesystem::exists(task.folder, error) && Seconds() < until) {
    std::filesystem::remove_all(task.folder, error);
    if (error) ::usleep(10000);
  }
  for (const std::string& parent : task.parents) ::rmdir(parent.c_str());
}

// Leaves the session and closes all files, so that nobody who waits for the doctor's output waits
// for the janitor.
void LeaveSession(int line) {
  ::setsid();
  for (int signal : {SIGINT, SIGTERM, SIGHUP, SIGUSR1}) ::signal(signal, SIG_IGN);
  ::prctl(PR_SET_NAME, "doctor-janitor");
  const int nowhere = ::open("/dev/null", O_RDWR);
  for (int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) ::dup2(nowhere, fd);
  if (line != 3) ::dup2(line, 3);
  ::close_range(4, ~0U, 0);
}

}  // namespace

Janitor::Janitor() {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    throw IoError(fmt::format("cannot make a pair of sockets: {}", ErrnoText()));
  }
  pid_ = ::fork();
  if (pid_ == 0) {
    LeaveSession(ends[1]);
    Clean(Listen(3));
    ::_exit(0);
  }
  const std::string reason = ErrnoText();
  ::close(ends[1]);
  line_ = ends[0];
  if (pid_ < 0) throw IoError(fmt::format("cannot start another process: {}", reason));
}

Janitor::~Janitor() {
  ::close(line_);
  while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

void Janitor::SetFolder(const std::string& folder, const std::vector<std::string>& parents) {
  Tell(kFolder, folder);
  for (const std::string& parent : parents) Tell(kParent, parent);
}

void Janitor::SetChildren(pid_t group) { Tell(kChildren, std::to_string(group)); }

void Janitor::Tell(char what, const std::string& text) const {
  const std::string word = what + text + '\0';
  // Without a janitor (somebody killed it) the next doctor tidies up; see probe_folder.h.
  static_cast<void>(::send(line_, word.data(), word.size(), MSG_NOSIGNAL));
}

}  // namespace lockstep
