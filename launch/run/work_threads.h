// The threads of one rank that work on numbered chunks, whichever is next; the main thread gives
// inputs and takes outcomes, and never waits for a particular one.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/error.h"
#include "base/types.h"

namespace lockstep {

// What came of a chunk: its result, or the message of an error with its exit code.
struct ChunkOutcome {
  Index chunk = 0;
  ExitCode code = ExitCode::kDone;
  std::string bytes;
};

class WorkThreads {
 public:
  // Turns the input of a chunk into its result. `member` is the number of the thread, from 0;
  // several threads call at once. What it throws becomes the outcome.
  using Work = std::function<std::string(int member, Index chunk, const std::string& input)>;

  // `work` must outlive it. IoError if the system starts fewer threads.
  WorkThreads(int threads, const Work& work);
  // Waits for the chunks that are being worked on, and forgets the others.
  ~WorkThreads();
  WorkThreads(const WorkThreads&) = delete;
  WorkThreads& operator=(const WorkThreads&) = delete;

  void Give(Index chunk, std::string input);
  // An outcome that is there; nothing if there is none.
  std::optional<ChunkOutcome> Take();
  // Returns when an outcome is there, and at the latest after this time.
  void WaitForOutcome(std::chrono::milliseconds most);

 private:
  void End();
  struct Task {
    Index chunk;
    std::string input;
  };
  void Serve(int member);
  ChunkOutcome Do(int member, const Task& task) const;

  const Work& work_;
  std::mutex mutex_;
  std::condition_variable given_, done_;
  std::deque<Task> tasks_;
  std::deque<ChunkOutcome> outcomes_;
  bool stop_ = false;
  std::vector<std::thread> threads_;  // last: they use everything above
};

}  // namespace lockstep
