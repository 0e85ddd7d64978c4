#include "launch/run/work_threads.h"

#include <exception>

#include "base/foreign_error.h"
#include "base/rank_status.h"
#include "base/start_thread.h"

namespace lockstep {

WorkThreads::WorkThreads(int threads, const Work& work) : work_(work) {
  threads_.reserve(static_cast<std::size_t>(threads));
  try {
    for (int member = 0; member < threads; ++member)
      threads_.push_back(StartThread([this, member] { Serve(member); }));
  } catch (...) {  // the destructor is not called, and a thread that is not joined ends the program
    End();
    throw;
  }
}

WorkThreads::~WorkThreads() { End(); }

void WorkThreads::End() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  given_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void WorkThreads::Give(Index chunk, std::string input) {
  {
    const std::lock_guard lock(mutex_);
    tasks_.push_back({chunk, std::move(input)});
  }
  given_.notify_one();
}

std::optional<ChunkOutcome> WorkThreads::Take() {
  const std::lock_guard lock(mutex_);
  if (outcomes_.empty()) return std::nullopt;
  ChunkOutcome outcome = std::move(outcomes_.front());
  outcomes_.pop_front();
  return outcome;
}

void WorkThreads::WaitForOutcome(std::chrono::milliseconds most) {
  std::unique_lock lock(mutex_);
  done_.wait_for(lock, most, [&] { return !outcomes_.empty(); });
}

void WorkThreads::Serve(int member) {
  NameThread("work");
  while (true) {
    std::unique_lock lock(mutex_);
    given_.wait(lock, [&] { return stop_ || !tasks_.empty(); });
    if (stop_) return;
    const Task task = std::move(tasks_.front());
    tasks_.pop_front();
    lock.unlock();
    ChunkOutcome outcome = Do(member, task);
    lock.lock();
    outcomes_.push_back(std::move(outcome));
    done_.notify_one();
  }
}

ChunkOutcome WorkThreads::Do(int member, const Task& task) const {
  try {
    return {task.chunk, ExitCode::kDone, work_(member, task.chunk, task.input)};
  } catch (const Error& error) {
    return {task.chunk, error.code(), error.what()};
  } catch (const std::exception& foreign) {
    const Error error = ForeignError(foreign);
    return {task.chunk, error.code(), error.what()};
  }
}

}  // namespace lockstep
