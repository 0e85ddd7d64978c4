#include "launch/doctor/phase_watch.h"

#include <signal.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <cstdio>

#include "base/error.h"
#include "base/phase_timer.h"
#include "base/start_thread.h"
#include "worker/comm/messages.h"

namespace lockstep {
namespace {

constexpr std::array<int, 3> kEndingSignals = {SIGINT, SIGTERM, SIGHUP};
constexpr std::chrono::milliseconds kLook{20};
// The additional seconds of a rank that only waits, so that a rank that hangs reports first. Those
// of rank 0 are fewer, because it knows which ranks it waits for.
constexpr double kMomentOfRoot = 1.5, kMomentOfOthers = 3;
constexpr int kRollTag = 900;  // a tag that no message of training has
volatile std::sig_atomic_t ending_signal = 0;

void CatchEndingSignals() {
  struct sigaction action {};
  action.sa_handler = [](int signal) { ending_signal = signal; };
  sigemptyset(&action.sa_mask);
  action.sa_flags = SA_RESTART;
  for (int signal : kEndingSignals) sigaction(signal, &action, nullptr);
}

void WaitFor(Messages* message) {
  while (!message->Done()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
}

std::string NameRank(int rank, const std::vector<std::string>& hosts) {
  if (hosts.empty()) return std::to_string(rank);
  return fmt::format("{} ({})", rank, hosts[static_cast<std::size_t>(rank)]);
}

// Rank 0: waits until a message of every rank has arrived.
void WaitForAll(const Communicator& comm, const std::vector<std::string>& hosts,
                PhaseWatch* watch) {
  std::vector<float> words(static_cast<std::size_t>(comm.size()));
  std::vector<Messages> arrivals(words.size());
  for (int r = 1; r < comm.size(); ++r) {
    const auto i = static_cast<std::size_t>(r);
    arrivals[i].Receive(std::span(&words[i], 1), r, kRollTag);
  }
  std::string told;
  while (true) {
    std::vector<std::string> missing;
    for (int r = 1; r < comm.size(); ++r) {
      if (!arrivals[static_cast<std::size_t>(r)].Done()) missing.push_back(NameRank(r, hosts));
    }
    if (missing.empty()) return;
    const std::string whom = fmt::format("rank {}", fmt::join(missing, ", "));
    if (whom != told) watch->WaitingFor(told = whom, true);
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

}  // namespace

PhaseWatch::PhaseWatch() : clock_(Seconds()) {
  CatchEndingSignals();
  thread_ = StartThread([this] { Serve(); });
}

PhaseWatch::~PhaseWatch() {
  {
    const std::lock_guard lock(mutex_);
    over_ = true;
  }
  changed_.notify_all();
  thread_.join();
  for (int signal : kEndingSignals) std::signal(signal, SIG_DFL);
}

void PhaseWatch::SetName(const std::string& name) {
  const std::lock_guard lock(mutex_);
  name_ = name;
}

void PhaseWatch::Enter(const std::string& phase, double limit_seconds) {
  const std::lock_guard lock(mutex_);
  place_ = {phase, "beginning", clock_.seconds() + limit_seconds, 0};
}

void PhaseWatch::Doing(const std::string& what) {
  const std::lock_guard lock(mutex_);
  place_.doing = what;
  place_.moment = 0;
}

void PhaseWatch::WaitingFor(const std::string& whom, bool is_root) {
  const std::lock_guard lock(mutex_);
  place_.doing = "waiting for " + whom;
  place_.moment = is_root ? kMomentOfRoot : kMomentOfOthers;
}

double PhaseWatch::FairSeconds() {
  const std::lock_guard lock(mutex_);
  return clock_.seconds();
}

void PhaseWatch::Serve() {
  std::unique_lock lock(mutex_);
  while (!over_) {
    changed_.wait_for(lock, kLook);
    if (ending_signal != 0) ::_exit(128 + ending_signal);
    clock_.Advance(Seconds(), ProcessesPerCore());
    const double late = place_.until == 0 ? -1 : clock_.seconds() - place_.until;
    if (late > place_.moment) EndLate(place_);
  }
}

void PhaseWatch::EndLate(const Place& place) {
  std::fprintf(
      stderr,
      "lockstep: error: doctor: %s: the phase \"%s\" did not end in its time; it stood at: "
      "%s\n",
      name_.empty() ? "this process" : name_.c_str(), place.phase.c_str(), place.doing.c_str());
  std::fflush(stderr);
  ::_exit(static_cast<int>(ExitCode::kPeerLost));
}

void CallRoll(const Communicator& comm, const std::vector<std::string>& hosts, PhaseWatch* watch) {
  if (comm.size() == 1) return;
  float word = 0;
  if (comm.rank() == 0) {
    WaitForAll(comm, hosts, watch);
    for (int r = 1; r < comm.size(); ++r) {
      Messages go;
      go.Send(std::span(&word, 1), r, kRollTag);
      WaitFor(&go);
    }
  } else {
    Messages here, go;
    watch->WaitingFor("rank " + NameRank(0, hosts), false);
    here.Send(std::span(&word, 1), 0, kRollTag);
    WaitFor(&here);
    go.Receive(std::span(&word, 1), 0, kRollTag);
    WaitFor(&go);
  }
  watch->Doing("going on");
}

std::vector<std::string> GatherCalled(const Communicator& comm, const std::string& mine,
                                      const std::vector<std::string>& hosts, PhaseWatch* watch) {
  CallRoll(comm, hosts, watch);
  return comm.GatherText(mine);
}

}  // namespace lockstep
