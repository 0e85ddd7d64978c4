#include "launch/supervise/supervisor.h"

#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <ctime>
#include <new>

#include "base/error.h"
#include "base/host_name.h"
#include "base/log.h"
#include "base/phase_timer.h"
#include "base/rank_status.h"
#include "launch/supervise/last_words.h"
#include "launch/supervise/process_probe.h"
#include "launch/supervise/side_question.h"
#include "launch/supervise/stall_watch.h"

namespace lockstep {
namespace {

constexpr double kTickSeconds = 0.1;
// A longer gap is the supervisor's own: it was stopped too, or the machine slept.
constexpr double kMostPerTick = 0.5;
constexpr double kEndSeconds = 2;  // for a killed rank; one that waits for a dead disk cannot
// From mpirun's SIGTERM, with which it ends a job of which another rank has failed, to its SIGKILL,
// and more: what a rank that waits for that one does meanwhile is no news.
constexpr double kEndingSeconds = 3;
constexpr double kOwnerSeconds = 3;  // of silence, after which it is asked again who has the run
constexpr std::array<int, 6> kHandedOn = {SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2};

sigset_t WatchedSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : kHandedOn) sigaddset(&signals, signal);
  sigaddset(&signals, SIGCHLD);
  return signals;
}

timespec ToTimespec(double seconds) {
  const auto whole = static_cast<time_t>(seconds);
  return {whole, static_cast<long>((seconds - static_cast<double>(whole)) * 1e9)};
}

// Whether the child has ended, and was reaped, in that time.
bool EndsWithin(double seconds, pid_t child) {
  const double end = Seconds() + seconds;
  const timespec pause = ToTimespec(0.01);
  while (::waitpid(child, nullptr, WNOHANG) == 0) {
    if (Seconds() > end) return false;
    ::nanosleep(&pause, nullptr);
  }
  return true;
}

RankStatus* MapStatus() {
  void* const page = ::mmap(nullptr, sizeof(RankStatus), PROT_READ | PROT_WRITE,
                            MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  return page == MAP_FAILED ? nullptr : new (page) RankStatus;
}

class Supervisor {
 public:
  Supervisor(pid_t rank, const RankStatus& status, const SupervisorOptions& options,
             const std::string& run_folder, const std::function<Index()>& owner)
      : rank_(rank),
        status_(status),
        watch_(options.stall_seconds),
        owner_(owner),
        words_(rank, status, run_folder, owner) {}

  int Run();

 private:
  void HandOn(int signal);
  // The rank's exit code once it has ended.
  std::optional<int> Ended();
  std::optional<int> Tick(double seconds);
  RankSample Sample() const;
  bool MayBeEnding() const;
  bool IsSuperseded();
  int EndedBySignal(int signal) const;
  int EndStalled(const Stall& stall) const;
  int EndSuperseded() const;

  pid_t rank_;
  const RankStatus& status_;
  StallWatch watch_;
  std::function<Index()> owner_;
  LastWords words_;
  sigset_t handed_on_ = {};
  std::optional<double> terminated_at_;  // the first time
  double asked_at_ = 0;                  // of the silence
  SideQuestion taken_{[this] { return status_.owner != 0 && owner_() > status_.owner; }};
};

int Supervisor::Run() {
  sigemptyset(&handed_on_);
  const sigset_t signals = WatchedSignals();
  double last = Seconds();
  while (true) {
    const timespec tick = ToTimespec(kTickSeconds);
    const int signal = ::sigtimedwait(&signals, nullptr, &tick);
    if (signal > 0 && signal != SIGCHLD) HandOn(signal);
    if (const std::optional<int> code = Ended()) return *code;
    const double now = Seconds();
    if (now - last < kTickSeconds) continue;
    if (const std::optional<int> code = Tick(std::min(now - last, kMostPerTick))) return *code;
    last = now;
  }
}

// A launcher or terminal may have signalled the rank as well; asking twice is asking once.
void Supervisor::HandOn(int signal) {
  sigaddset(&handed_on_, signal);
  if (signal == SIGTERM && !terminated_at_) terminated_at_ = Seconds();
  ::kill(rank_, signal);
}

std::optional<int> Supervisor::Ended() {
  int status = 0;
  if (::waitpid(rank_, &status, WNOHANG) != rank_) return std::nullopt;
  if (WIFEXITED(status)) return WEXITSTATUS(status);
  return EndedBySignal(WTERMSIG(status));
}

std::optional<int> Supervisor::Tick(double seconds) {
  const std::optional<Stall> stall = watch_.Observe(Sample(), seconds);
  if (stall && !MayBeEnding()) return EndStalled(*stall);
  if (IsSuperseded()) return EndSuperseded();
  return std::nullopt;
}

bool Supervisor::MayBeEnding() const {
  return terminated_at_ && Seconds() - *terminated_at_ < kEndingSeconds;
}

// Rank 0 looks by itself, but not while it waits: maybe for ranks that were ended elsewhere.
bool Supervisor::IsSuperseded() {
  const double silence = watch_.quiet_seconds();
  if (silence < asked_at_) asked_at_ = 0;
  if (silence - asked_at_ > kOwnerSeconds) {
    asked_at_ = silence;
    taken_.Ask();
  }
  return taken_.Answer().value_or(false);
}

// The system is asked where the rank says nothing, so that it costs nothing in between.
RankSample Supervisor::Sample() const {
  const bool quiet = watch_.quiet();
  RankSample sample = SampleOf(status_, quiet ? ProcessState(rank_) : 'R');
  if (quiet) sample.activity = ActivityOf(rank_);
  if (sample.writer != 0) sample.writing = ActivityOfThread(rank_, sample.writer);
  return sample;
}

int Supervisor::EndedBySignal(int signal) const {
  if (sigismember(&handed_on_, signal)) return static_cast<int>(ExitCode::kPeerLost);  // as asked
  words_.SayKilled(signal);
  return static_cast<int>(signal == SIGABRT ? ExitCode::kInternal : ExitCode::kPeerLost);
}

int Supervisor::EndStalled(const Stall& stall) const {
  words_.SayStalled(stall);
  ::kill(rank_, SIGKILL);
  EndsWithin(kEndSeconds, rank_);
  return static_cast<int>(ExitCode::kPeerLost);
}

int Supervisor::EndSuperseded() const {
  words_.SaySuperseded();
  ::kill(rank_, SIGKILL);
  EndsWithin(kEndSeconds, rank_);
  return static_cast<int>(ExitCode::kSuperseded);
}

}  // namespace

void RequireAnswer(const std::string& what, const std::function<void()>& question) {
  constexpr double kSeconds = 30;
  SideQuestion side([&] {
    question();
    return true;
  });
  side.Ask();
  side.AnswerWithin(kSeconds);
  if (!side.is_asking()) return;
  throw IoError(
      fmt::format("rank {} (host {}, process {}) has been waiting for {} for {} s in "
                  "phase start; no step finished. Does the file system of that host "
                  "answer? {}",
                  RankFromEnvironment(), HostName(), ::getpid(), what, kSeconds, kNextStep),
      ExitCode::kPeerLost);
}

std::optional<int> Supervise(const SupervisorOptions& options, const std::string& run_folder,
                             const std::function<Index()>& owner) {
  if (!options.on) return std::nullopt;
  RankStatus* const status = MapStatus();
  if (status == nullptr) return std::nullopt;
  status->rank = RankFromEnvironment();
  // None may come between fork and the supervisor's readiness to hand it on.
  const sigset_t signals = WatchedSignals();
  sigset_t before;
  sigprocmask(SIG_BLOCK, &signals, &before);
  const pid_t supervisor = ::getpid();
  const pid_t rank = ::fork();
  if (rank > 0) return Supervisor(rank, *status, options, run_folder, owner).Run();
  ShareStatus(status);  // not before: what the supervisor does with files is no beat of the rank
  if (rank == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != supervisor) ::_exit(static_cast<int>(ExitCode::kPeerLost));  // it died first
  } else {
    LogWarning(
        "no supervisor: the system refuses another process ({}); a stalled rank will not be "
        "noticed",
        ErrnoText());
  }
  sigprocmask(SIG_SETMASK, &before, nullptr);
  return std::nullopt;
}

}  // namespace lockstep
