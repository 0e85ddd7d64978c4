#include "trainer/watch/stop_request.h"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <vector>

#include "base/error.h"
#include "base/log.h"
#include "base/phase_timer.h"

namespace lockstep {
namespace {

volatile std::sig_atomic_t seen_signal = 0;

// On a network file system, looking for a file is a request to a server, so it must be rare.
constexpr double kSecondsBetweenLooks = 1;

// The first signal is the reason; later ones, while the state is being saved, change nothing.
void Remember(int signal) {
  if (seen_signal == 0) seen_signal = signal;
}

// Installs the handler and unblocks the signal: some launchers leave signals blocked, and those
// would never arrive.
void Catch(int signal) {
  struct sigaction action {};
  action.sa_handler = Remember;
  sigemptyset(&action.sa_mask);
  action.sa_flags = SA_RESTART;
  ::sigaction(signal, &action, nullptr);
  sigset_t caught;
  sigemptyset(&caught);
  sigaddset(&caught, signal);
  ::sigprocmask(SIG_UNBLOCK, &caught, nullptr);
}

bool IsIgnored(int signal) {
  struct sigaction action {};
  return ::sigaction(signal, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
}

}  // namespace

void CatchStopSignals() {
  for (int signal : {SIGTERM, SIGINT, SIGUSR1, SIGUSR2}) Catch(signal);  // USR2: mpirun hands it on
  if (!IsIgnored(SIGHUP)) Catch(SIGHUP);
  for (int signal : {SIGPIPE, SIGXFSZ}) std::signal(signal, SIG_IGN);
}

StopRequest::StopRequest(const std::string& run_folder, const TimeLimit* limit,
                         const RunOwner* owner)
    : file_(run_folder.empty() ? "" : run_folder + "/stop"), limit_(limit), owner_(owner) {}

StopReason StopRequest::Seen() {
  LookAtFiles();
  // This comes before signals, because after a signal this start would save, which it no longer
  // may.
  if (superseded_) return StopReason::kSuperseded;
  if (seen_signal != 0) return static_cast<StopReason>(seen_signal);
  if (file_seen_) return StopReason::kStopFile;
  if (limit_ != nullptr && limit_->IsNear(Seconds())) return StopReason::kTimeLimit;
  return StopReason::kNone;
}

void StopRequest::LookAtFiles() {
  if (file_.empty()) return;
  const double now = Seconds();
  if (looked_at_ != 0 && now - looked_at_ < kSecondsBetweenLooks) return;
  looked_at_ = now;
  superseded_ = superseded_ || (owner_ != nullptr && !owner_->IsMine());
  file_seen_ = file_seen_ || ::access(file_.c_str(), F_OK) == 0;
}

void StopRequest::RemoveFile() const {
  if (file_.empty() || ::unlink(file_.c_str()) == 0 || errno == ENOENT) return;
  LogWarning("cannot delete {}: {}; delete it by hand, or the next start ends at once", file_,
             ErrnoText());
}

std::string AgreedStop::Text() const {
  if (reason == StopReason::kStopFile) return "stop file";
  if (reason == StopReason::kTimeLimit) return "time limit";
  if (reason == StopReason::kSuperseded) return "another start has taken over the run";
  const char* const name = ::sigabbrev_np(static_cast<int>(reason));
  return fmt::format("SIG{} on rank {}", name == nullptr ? "NAL" : name, rank);
}

AgreedStop AgreeOnStop(std::span<const RankNote> notes) {
  const auto found =
      std::ranges::find_if(notes, [](const RankNote& note) { return note.wants_stop != 0; });
  if (found == notes.end()) return {};
  return {static_cast<StopReason>(static_cast<int>(found->wants_stop)),
          static_cast<int>(found - notes.begin())};
}

AgreedStop AgreeOnStop(const Communicator& comm, StopReason mine) {
  const double wish = static_cast<double>(mine);
  std::vector<double> wishes(static_cast<std::size_t>(comm.size()));
  comm.AllGather({&wish, 1}, DivideIntoSegments(comm.size(), 1, comm.size()), wishes.data());
  std::vector<RankNote> notes;
  notes.reserve(wishes.size());
  for (double of_rank : wishes) notes.push_back({of_rank, 0, 0});
  return AgreeOnStop(notes);
}

}  // namespace lockstep
