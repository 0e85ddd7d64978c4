// Keeps the doctor from hanging: each phase has a time limit, and a thread of its own ends the
// process when it has passed, saying where it stood. The same thread ends it at once at SIGINT,
// SIGTERM and SIGHUP. What must be tidied up then is the janitor's (janitor.h).
#pragma once

#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "launch/doctor/fair_clock.h"
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
  // What follows must be done within so many fair seconds (fair_clock.h), or the process ends with
  // code 76. Ends the phase before.
  void Enter(const std::string& phase, double limit_seconds);
  // What is being done now, for the message.
  void Doing(const std::string& what);
  // The same while this process only waits for others: it gives them a moment more, so that who
  // hangs can speak first.
  void WaitingFor(const std::string& whom, bool is_root);
  // Fair seconds since the watch began, for limits of one's own.
  double FairSeconds();

 private:
  struct Place {
    std::string phase, doing;
    double until = 0;   // fair seconds since the watch began; 0: no limit
    double moment = 0;  // beyond it
  };
  void Serve();
  [[noreturn]] void EndLate(const Place& place);

  std::mutex mutex_;
  std::condition_variable changed_;
  FairClock clock_;
  Place place_;
  std::string name_;
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
