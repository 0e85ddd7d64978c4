#include "launch/doctor/phase_watch.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <filesystem>

#include "base/error.h"
#include "base/phase_timer.h"
#include "worker/comm/messages.h"

namespace lockstep {
namespace {

constexpr std::array<int, 3> kEndingSignals = {SIGINT, SIGTERM, SIGHUP};
constexpr std::chrono::milliseconds kLook{20};
constexpr double kMomentForOthers = 1.5;  // seconds
constexpr int kRollTag = 900;             // of no message of training
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

// Rank 0: returns when a message of every rank is there.
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
    if (whom != told) watch->WaitingFor(told = whom);
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

}  // namespace

PhaseWatch::PhaseWatch() {
  CatchEndingSignals();
  thread_ = std::thread([this] { Serve(); });
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
  place_ = {phase, "beginning", Seconds() + limit_seconds, false};
}

void PhaseWatch::Doing(const std::string& what) {
  const std::lock_guard lock(mutex_);
  place_.doing = what;
  place_.waits = false;
}

void PhaseWatch::WaitingFor(const std::string& whom) {
  const std::lock_guard lock(mutex_);
  place_.doing = "waiting for " + whom;
  place_.waits = true;
}

void PhaseWatch::SetFolder(const std::string& folder, const std::vector<std::string>& parents) {
  const std::lock_guard lock(mutex_);
  folder_ = folder;
  parents_ = parents;
}

void PhaseWatch::Serve() {
  std::unique_lock lock(mutex_);
  while (!over_) {
    changed_.wait_for(lock, kLook);
    if (ending_signal != 0) {
      TidyUp();
      ::_exit(128 + ending_signal);
    }
    const double late = place_.until == 0 ? -1 : Seconds() - place_.until;
    if (late > (place_.waits ? kMomentForOthers : 0)) EndLate(place_);
  }
}

void PhaseWatch::Uninterrupted(const std::function<void()>& work) {
  const std::lock_guard lock(making_);
  work();
}

// A folder on a file system that no longer answers would keep us for ever, so somebody else removes
// it, and gets a second. The main thread may still be at work in it: under another name nothing new
// comes in, and what was being made just then goes in the next round.
void PhaseWatch::TidyUp() {
  const std::chrono::seconds patience(1);
  static_cast<void>(making_.try_lock_for(patience));  // for good: the process ends
  if (const pid_t group = children_; group > 0) {
    ::kill(-group, SIGKILL);
    while (::waitpid(-group, nullptr, 0) > 0) {
    }
  }
  if (folder_.empty()) return;
  static std::atomic<bool> removed{false};
  std::thread([folder = folder_, parents = parents_] {
    const std::string ending = folder + "-ending";
    std::error_code error;
    if (::rename(folder.c_str(), ending.c_str()) == 0) {
      while (std::filesystem::exists(ending, error)) std::filesystem::remove_all(ending, error);
    }
    for (const std::string& parent : parents) ::rmdir(parent.c_str());
    removed = true;
  }).detach();
  const auto until = std::chrono::steady_clock::now() + patience;
  while (!removed && std::chrono::steady_clock::now() < until) std::this_thread::sleep_for(kLook);
}

void PhaseWatch::EndLate(const Place& place) {
  std::fprintf(
      stderr,
      "lockstep: error: doctor: %s: the phase \"%s\" did not end in its time; it stood at: "
      "%s\n",
      name_.empty() ? "this process" : name_.c_str(), place.phase.c_str(), place.doing.c_str());
  std::fflush(stderr);
  TidyUp();
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
    watch->WaitingFor("rank " + NameRank(0, hosts));
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
