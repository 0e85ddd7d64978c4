// A fixed team of threads that does one piece of work together and waits for it. The calling thread
// is member 0, so a team of one makes no thread at all.
#pragma once

#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

#include "base/function_ref.h"
#include "base/types.h"

namespace lockstep {

class ThreadTeam {
 public:
  // IoError if the system starts fewer threads.
  explicit ThreadTeam(int size);
  ~ThreadTeam();
  ThreadTeam(const ThreadTeam&) = delete;
  ThreadTeam& operator=(const ThreadTeam&) = delete;

  int size() const { return size_; }

  // Calls work(member) on each member and returns when all have finished. Rethrows the exception of
  // the lowest member that threw. Not reentrant.
  void Run(FunctionRef<void(int member)> work);

  // Divides [0, count) into one contiguous piece per member, with borders at multiples of `grain`,
  // and calls work(begin, end) for each. The result must not depend on the division, so this is for
  // elementwise work.
  void Split(Index count, Index grain, FunctionRef<void(Index begin, Index end)> work);

 private:
  void End();
  void Serve(int member);
  void RunMember(int member);

  int size_;
  std::vector<std::thread> threads_;
  std::mutex mutex_;
  std::condition_variable start_;
  std::condition_variable finish_;
  const FunctionRef<void(int)>* work_ = nullptr;
  std::uint64_t round_ = 0;
  int running_ = 0;
  bool stop_ = false;
  std::vector<std::exception_ptr> errors_;
};

}  // namespace lockstep
