// Writes checkpoint images on a thread of its own, one at a time, while training goes on.
//
// It is the same thread from the first write on, so that a write costs the training thread no more
// than waking it.
//
//   writer.Submit([snapshot = std::move(snapshot), path] { ... BuildCheckpoint, WriteCheckpoint ...
//   });
//   ... steps ...
//   writer.Wait();  // before the run calls itself saved
#pragma once

#include <condition_variable>
#include <functional>
#include <future>
#include <mutex>
#include <thread>

namespace lockstep {

// Called by one thread, the training thread.
class BackgroundWriter {
 public:
  BackgroundWriter() = default;
  BackgroundWriter(BackgroundWriter&&) = delete;
  ~BackgroundWriter();  // waits for the write under way; an error that nobody asked for is lost

  // Runs `make_and_write` on a thread. Waits first when another write is under way (back-pressure:
  // at most one snapshot lives; what the function captured is freed as soon as it has run).
  // Rethrows the error of an earlier write, once, and then does not take the new one: the error
  // comes first.
  void Submit(std::function<void()> make_and_write);
  // Returns when all is written; rethrows the error of a write, once.
  void Wait();
  // Whether Submit or Wait would have to wait.
  bool busy() const;

 private:
  void Serve();

  std::future<void> running_;  // of the training thread
  std::mutex mutex_;
  std::condition_variable changed_;
  std::packaged_task<void()> next_;
  bool stop_ = false;
  std::thread thread_;
};

}  // namespace lockstep
