// Makes sure that the doctor does not hang: each phase has a time limit, and if it is exceeded, a
// separate thread ends the process and says what it was doing. The same thread ends the process
// immediately at SIGINT, SIGTERM and SIGHUP. The janitor (janitor.h) then cleans up.
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

  // Sets the name of this process in messages.
  void SetName(const std::string& name);
  // Ends the previous phase and begins a new one. If it takes more than `limit_seconds` fair
  // seconds (fair_clock.h), the process ends with exit code 76.
  void Enter(const std::string& phase, double limit_seconds);
  // Says what the process is doing now, for the message.
  void Doing(const std::string& what);
  // Says that the process only waits for others. It then ends a moment later than they would, so
  // that a process that hangs reports first.
  void WaitingFor(const std::string& whom, bool is_root);
  // Fair seconds since the watch began, for the caller's own limits.
  double FairSeconds();

 private:
  struct Place {
    std::string phase, doing;
    double until = 0;   // fair seconds since the watch began; 0: no limit
    double moment = 0;  // additional fair seconds while waiting for others
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

// Collective. Returns when all ranks have called it. Ranks that wait sleep in between, so that
// others can compute. If it takes too long, the message of rank 0 names the missing ranks, with
// their hosts if `hosts` is not empty.
void CallRoll(const Communicator& comm, const std::vector<std::string>& hosts, PhaseWatch* watch);

// Collective. Calls CallRoll, and then GatherText.
std::vector<std::string> GatherCalled(const Communicator& comm, const std::string& mine,
                                      const std::vector<std::string>& hosts, PhaseWatch* watch);

}  // namespace lockstep
