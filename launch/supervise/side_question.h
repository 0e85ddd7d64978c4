// A question about a file, asked in a process of its own: a disk that does not answer then holds
// nobody up. For a process without threads, the supervisor.
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

  // Asks, unless an answer is still being waited for. False: the system refuses another process.
  bool Ask();
  // What came back since the last call; nothing yet, or the question could not be asked or ended
  // in an error. Returns at once.
  std::optional<bool> Answer();
  bool is_asking() const { return asker_ != 0; }
  // Waits so long for what was asked.
  std::optional<bool> AnswerWithin(double seconds);

 private:
  std::function<bool()> question_;
  pid_t asker_ = 0;
};

}  // namespace lockstep
