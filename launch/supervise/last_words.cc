#include "launch/supervise/last_words.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <ctime>

#include "base/error.h"
#include "base/host_name.h"
#include "base/log.h"
#include "launch/supervise/process_probe.h"
#include "launch/supervise/side_question.h"

namespace lockstep {
namespace {

// The disk may be why we are here, the terminal may be full.
constexpr double kPrintSeconds = 3, kLogSeconds = 1;

// What a signal that was not asked for tells, as a sentence; empty: nothing.
std::string Why(int signal) {
  if (signal == SIGKILL) {
    return "The kernel kills so when memory is short (`dmesg` tells). ";
  }
  if (signal == SIGABRT) {
    return "That is a bug of lockstep: report it, with what was printed before. ";
  }
  if (signal == SIGSEGV || signal == SIGILL || signal == SIGBUS || signal == SIGFPE) {
    return "A bug, or broken memory: if it comes again at this step, report it; if always on this "
           "host, leave the host out. ";
  }
  return "";
}

std::string What(const Stall& stall) {
  const std::string seconds = fmt::format("{:.1f} s", stall.seconds);
  switch (stall.kind) {
    case StallKind::kStopped:
      return fmt::format("has been stopped by a signal for {}", seconds);
    case StallKind::kInsideMpi:
      return fmt::format("has not come back from a call of MPI for {}", seconds);
    case StallKind::kWriter:
      return fmt::format("has been writing one checkpoint for {}, which blocks; the rank was",
                         seconds);
    case StallKind::kOthers:
      return fmt::format(
          "has waited {} for other ranks, none of which was found dead or stalled: a network that "
          "is cut, or a host that is frozen? It is",
          seconds);
    case StallKind::kNoProgress:
      break;
  }
  return fmt::format("makes no progress for {}", seconds);
}

}  // namespace

int RankFromEnvironment() {
  for (const char* name : {"OMPI_COMM_WORLD_RANK", "PMIX_RANK", "PMI_RANK", "SLURM_PROCID"}) {
    if (const char* const text = std::getenv(name)) return std::atoi(text);
  }
  return 0;
}

void LastWords::SayKilled(int signal) const {
  Say(fmt::format("{} was killed by signal {} ({}) {}. {}{}", Who(), signal, ::strsignal(signal),
                  Where(), Why(signal), kNextStep));
}

void LastWords::SayStalled(const Stall& stall) const {
  const std::string threads = DescribeThreads(rank_);
  Say(fmt::format("{} {} {}. {}. {}", Who(), What(stall), Where(), threads, kNextStep));
}

void LastWords::SaySuperseded() const {
  Say(fmt::format(
      "a later start of the job has taken over the run ({}/.owner); {}, of an earlier one, made no "
      "progress {} and ends; it writes nothing more",
      run_folder_, Who(), Where()));
}

std::string LastWords::Who() const {
  return fmt::format("rank {} (host {}, process {})", status_.rank, HostName(), rank_);
}

std::string LastWords::Where() const {
  const RankPhase phase = status_.phase;
  const Index step = status_.step, finished = status_.finished_step;
  const std::string last =
      finished > 0 ? fmt::format("last finished step {}", finished) : "no step finished";
  const bool in_step = step > finished && phase >= RankPhase::kData && phase <= RankPhase::kUpdate;
  if (in_step) return fmt::format("in phase {} of step {}; {}", Name(phase), step, last);
  return fmt::format("in phase {}; {}", Name(phase), last);
}

void LastWords::Say(const std::string& message) const {
  SideQuestion print([&] {
    LogError("{}", message);
    return true;
  });
  if (!print.Ask()) LogError("{}", message);
  print.AnswerWithin(kPrintSeconds);
  SideQuestion append([&] { return AppendToLog(message); });
  append.Ask();
  append.AnswerWithin(kLogSeconds);
}

// Whether it is written there.
bool LastWords::AppendToLog(const std::string& message) const {
  if (status_.owner != 0 && owner_() != status_.owner) return false;
  constexpr int kFlags = O_WRONLY | O_APPEND | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW;
  const int log = ::open((run_folder_ + "/log.txt").c_str(), kFlags);
  if (log < 0) return false;
  std::array<char, 32> time{};
  const std::time_t now = std::time(nullptr);
  std::strftime(time.data(), time.size(), "%Y-%m-%d %H:%M:%S", std::localtime(&now));
  const std::string line = fmt::format("{} E lockstep: error: {}\n", time.data(), message);
  return ::write(log, line.data(), line.size()) == static_cast<ssize_t>(line.size());
}

}  // namespace lockstep
