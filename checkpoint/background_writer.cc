#include "checkpoint/background_writer.h"

#include <chrono>
#include <utility>

#include "base/rank_status.h"
#include "base/start_thread.h"

namespace lockstep {

BackgroundWriter::~BackgroundWriter() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

void BackgroundWriter::Submit(std::function<void()> make_and_write) {
  Wait();
  // Before the task exists, for which Wait would wait without end if no thread can be started.
  if (!thread_.joinable()) thread_ = StartThread([this] { Serve(); });
  // The function is moved into the frame of the thread, so that the snapshot it holds is freed when
  // it has run, and not only when somebody asks for the result.
  std::packaged_task<void()> task([work = std::move(make_and_write)]() mutable {
    const ScopedWriting writing;
    const std::function<void()> mine = std::exchange(work, nullptr);
    mine();
  });
  running_ = task.get_future();
  {
    const std::lock_guard lock(mutex_);
    next_ = std::move(task);
  }
  changed_.notify_one();
}

// The loop of the background thread. It finishes submitted work before it stops.
void BackgroundWriter::Serve() {
  NameThread("checkpoints");
  for (;;) {
    std::packaged_task<void()> task;
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [&] { return stop_ || next_.valid(); });
      if (!next_.valid()) return;
      task = std::move(next_);
    }
    task();
  }
}

void BackgroundWriter::Wait() {
  if (running_.valid()) running_.get();
}

bool BackgroundWriter::busy() const {
  return running_.valid() &&
         running_.wait_for(std::chrono::seconds(0)) != std::future_status::ready;
}

}  // namespace lockstep
