// Answers a question about a file in a separate process, so that a disk that does not respond
// cannot block the caller. For use in a process with one thread, the supervisor.
#pragma once

#include <sys/types.h>

#include <functional>
#include <optional>

namespace lockstep {

class SideQuestion {
 public:
  explicit SideQuestion(std::function<bool()> question) : question_(std::move(question)) {}
  ~SideQuestion();
  SideQuestion(const SideQuestion&) = delete;
  SideQuestion& operator=(const SideQuestion&) = delete;

  // Starts a process that answers the question, unless one is still running. Returns false if the
  // system does not allow another process.
  bool Ask();
  // Returns the answer if it has arrived since the last call. Nothing if it has not, or if the
  // question has ended in an error. Returns immediately.
  std::optional<bool> Answer();
  bool is_asking() const { return asker_ != 0; }
  // Like Answer, but waits up to `seconds` for the answer.
  std::optional<bool> AnswerWithin(double seconds);

 private:
  std::function<bool()> question_;
  pid_t asker_ = 0;
};

}  // namespace lockstep
