#include "base/thread_team.h"

#include <algorithm>

#include "base/aligned_buffer.h"
#include "base/start_thread.h"

namespace lockstep {

ThreadTeam::ThreadTeam(int size) : size_(size), errors_(static_cast<std::size_t>(size)) {
  threads_.reserve(static_cast<std::size_t>(size));
  try {
    for (int member = 1; member < size; ++member)
      threads_.push_back(StartThread([this, member] { Serve(member); }));
  } catch (...) {  // the destructor is not called, and a thread that is not joined ends the program
    End();
    throw;
  }
}

ThreadTeam::~ThreadTeam() { End(); }

void ThreadTeam::End() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  start_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void ThreadTeam::Serve(int member) {
  std::uint64_t seen = 0;
  while (true) {
    {
      std::unique_lock lock(mutex_);
      start_.wait(lock, [&] { return stop_ || round_ != seen; });
      if (stop_) return;
      seen = round_;
    }
    RunMember(member);
    const std::lock_guard lock(mutex_);
    if (--running_ == 0) finish_.notify_one();
  }
}

void ThreadTeam::RunMember(int member) {
  try {
    (*work_)(member);
  } catch (...) {
    errors_[static_cast<std::size_t>(member)] = std::current_exception();
  }
}

void ThreadTeam::Run(FunctionRef<void(int)> work) {
  std::fill(errors_.begin(), errors_.end(), nullptr);
  {
    const std::lock_guard lock(mutex_);
    work_ = &work;
    running_ = size_ - 1;
    ++round_;
  }
  start_.notify_all();
  RunMember(0);
  {
    std::unique_lock lock(mutex_);
    finish_.wait(lock, [&] { return running_ == 0; });
  }
  for (const std::exception_ptr& error : errors_) {
    if (error) std::rethrow_exception(error);
  }
}

void ThreadTeam::Split(Index count, Index grain, FunctionRef<void(Index, Index)> work) {
  const Index pieces = RoundUp(count, grain) / grain;
  Run([&](int member) {
    const Index begin = std::min(count, pieces * member / size_ * grain);
    const Index end = std::min(count, pieces * (member + 1) / size_ * grain);
    if (begin < end) work(begin, end);
  });
}

}  // namespace lockstep
