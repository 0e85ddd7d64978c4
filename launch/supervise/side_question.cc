#include "launch/supervise/side_question.h"

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <ctime>
#include <exception>

#include "base/phase_timer.h"

namespace lockstep {
namespace {

constexpr int kNo = 0, kYes = 1, kFailed = 2;

int CodeOf(const std::function<bool()>& question) {
  try {
    return question() ? kYes : kNo;
  } catch (const std::exception&) {
    return kFailed;
  }
}

}  // namespace

// A process that still waits for a disk ends when the disk responds; the destructor does not wait
// for it.
SideQuestion::~SideQuestion() {
  if (asker_ == 0) return;
  ::kill(asker_, SIGKILL);
  ::waitpid(asker_, nullptr, WNOHANG);
}

bool SideQuestion::Ask() {
  if (asker_ != 0) return true;
  const pid_t asker = ::fork();
  if (asker == 0) ::_exit(CodeOf(question_));
  if (asker > 0) asker_ = asker;
  return asker > 0;
}

std::optional<bool> SideQuestion::Answer() {
  int status = 0;
  if (asker_ == 0 || ::waitpid(asker_, &status, WNOHANG) == 0) return std::nullopt;
  asker_ = 0;
  if (!WIFEXITED(status) || WEXITSTATUS(status) == kFailed) return std::nullopt;
  return WEXITSTATUS(status) == kYes;
}

std::optional<bool> SideQuestion::AnswerWithin(double seconds) {
  const double end = Seconds() + seconds;
  constexpr timespec kPause = {0, 10'000'000};
  while (true) {
    if (const std::optional<bool> answer = Answer()) return answer;
    if (asker_ == 0 || Seconds() > end) return std::nullopt;
    ::nanosleep(&kPause, nullptr);
  }
}

}  // namespace lockstep
