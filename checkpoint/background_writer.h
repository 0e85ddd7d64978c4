// Writes checkpoint images in a background thread, one at a time, while training continues.
//
// The thread is started by the first write and then kept, so that a write costs the training thread
// no more than waking it.
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
  ~BackgroundWriter();  // waits for the write under way; an error not yet rethrown is lost

  // Runs `make_and_write` in the background thread, and destroys it as soon as it has run. If
  // another write is under way, waits for it first, so that at most one snapshot exists. If an
  // earlier write failed, rethrows its error, once, and does not take the new one.
  void Submit(std::function<void()> make_and_write);
  // Returns when the write is done; rethrows its error, once.
  void Wait();
  // True if Submit or Wait would have to wait.
  bool busy() const;

 private:
  void Serve();

  std::future<void> running_;  // used by the training thread only
  std::mutex mutex_;
  std::condition_variable changed_;
  std::packaged_task<void()> next_;
  bool stop_ = false;
  std::thread thread_;
};

}  // namespace lockstep
