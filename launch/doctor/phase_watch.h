// Keeps the doctor from hanging and from leaving anything behind: each phase has a time limit, and
// a thread of its own ends the process when it has passed, saying where it stood. The same thread
// tidies up after SIGINT, SIGTERM and SIGHUP.
#pragma once

#include <sys/types.h>

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "worker/comm/communicator.h"

namespace lockstep {

class PhaseWatch {
 public:
  PhaseWatch();
  ~PhaseWatch();
  PhaseWatch(const PhaseWatch&) = delete;
  PhaseWatch& operator=(const PhaseWatch&) = delete;

  // How messages name this process.
  void SetName(const std::string& name);
  // What follows must be done within so many seconds, or the process ends with code 76. Ends the
  // phase before.
  void Enter(const std::string& phase, double limit_seconds);
  // What is being done now, for the message.
  void Doing(const std::string& what);
  // The same while this process only waits for others: it gives them a moment more, so that who
  // hangs can speak first.
  void WaitingFor(const std::string& whom);

  // To be removed, with all that is in it, when the process is ended, and then those of `parents`
  // that are empty; "": nothing.
  void SetFolder(const std::string& folder, const std::vector<std::string>& parents);
  // Runs what makes folders or processes. The process is not ended in the middle of it, and does
  // not come to it any more once it is being ended: what is removed then stays removed. (Work that
  // takes more than a second is not waited for: its file system may hang.)
  void Uninterrupted(const std::function<void()>& work);
  // To be killed then: this process group; 0: none.
  void SetChildren(pid_t group) { children_ = group; }

 private:
  struct Place {
    std::string phase, doing;
    double until = 0;  // on the clock of Seconds(); 0: no limit
    bool waits = false;
  };
  void Serve();
  void TidyUp();
  [[noreturn]] void EndLate(const Place& place);

  std::timed_mutex making_;
  std::mutex mutex_;
  std::condition_variable changed_;
  Place place_;
  std::string name_, folder_;
  std::vector<std::string> parents_;
  std::atomic<pid_t> children_{0};
  bool over_ = false;
  std::thread thread_;
};

// Collective. Returns when all ranks have come; who waits sleeps in between, so that others can
// compute. Rank 0's watch knows which ranks are missing, by `hosts` where that is not empty.
void CallRoll(const Communicator& comm, const std::vector<std::string>& hosts, PhaseWatch* watch);

// Collective. GatherText behind a CallRoll.
std::vector<std::string> GatherCalled(const Communicator& comm, const std::string& mine,
                                      const std::vector<std::string>& hosts, PhaseWatch* watch);

}  // namespace lockstep
