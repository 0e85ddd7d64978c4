#include "launch/doctor/machine.h"

#include <signal.h>
#include <sys/resource.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "base/json_text.h"
#include "worker/kernels/isa.h"

namespace lockstep {

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(MachineFacts, rank, host, machine, isa, free_bytes, group_bytes,
                                   needed_bytes, open_files, core_dumps, blocked, ignored, governor,
                                   clock)

namespace {

constexpr const char* kTopic = "machine";
constexpr double kMiB = 1 << 20;
constexpr Index kFewOpenFiles = 256;  // too few for shards, sockets to other ranks and libraries
constexpr double kClockSeconds = 1;   // clocks may differ by this; it does not matter in logs

struct StopSignal {
  int number;
  const char* name;
};
constexpr StopSignal kStopSignals[] = {
    {SIGTERM, "SIGTERM"}, {SIGUSR1, "SIGUSR1"}, {SIGINT, "SIGINT"}};

// The rest of the line that begins with `key` in a file of /proc.
std::string FileField(const std::string& path, const std::string& key) {
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with(key)) continue;
    const std::size_t start = line.find_first_not_of(" \t", key.size());
    return start == std::string::npos ? "" : line.substr(start);
  }
  return "";
}

double FirstNumber(const std::string& path) {
  double number = 0;
  std::ifstream file(path);
  file >> number;
  return file ? number : -1;  // the word "max" also gives -1
}

std::vector<std::string> SignalsIn(const std::string& key) {
  const auto mask = std::strtoull(FileField("/proc/self/status", key).c_str(), nullptr, 16);
  std::vector<std::string> names;
  for (const StopSignal& signal : kStopSignals) {
    if (mask >> (signal.number - 1) & 1) names.push_back(signal.name);
  }
  return names;
}

// The folder of this process's memory control group, for both versions of control groups.
std::string MemoryGroup() {
  std::ifstream groups("/proc/self/cgroup");
  for (std::string line; std::getline(groups, line);) {
    if (line.starts_with("0::")) return "/sys/fs/cgroup" + line.substr(3);
    const std::size_t at = line.find(":memory:");
    if (at != std::string::npos) return "/sys/fs/cgroup/memory" + line.substr(at + 8);
  }
  return "/sys/fs/cgroup";
}

double GroupBytes() {
  constexpr double kNoBound = 1e17;  // version 1 writes a huge number
  const std::string folder = MemoryGroup();
  for (const auto& [limit, used] :
       {std::pair("/memory.max", "/memory.current"),
        std::pair("/memory.limit_in_bytes", "/memory.usage_in_bytes")}) {
    const double most = FirstNumber(folder + limit);
    if (most > 0 && most < kNoBound) return std::max(1.0, most - FirstNumber(folder + used));
  }
  return 0;
}

Index OpenFiles() {
  struct rlimit limit {};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  return static_cast<Index>(std::min<rlim_t>(limit.rlim_cur, 1 << 30));
}

bool CoreDumps() {
  struct rlimit limit {};
  ::getrlimit(RLIMIT_CORE, &limit);
  return limit.rlim_cur > 0;
}

std::string Place(const MachineFacts& facts) {
  return fmt::format("rank {} on {}", facts.rank, facts.host);
}

void JudgeSignals(const std::vector<MachineFacts>& all, Findings* findings) {
  for (const MachineFacts& facts : all) {
    if (!facts.blocked.empty()) {
      AddWarning(
          findings, kTopic,
          fmt::format("{} was started with {} blocked: it cannot be asked to save and stop",
                      Place(facts), fmt::join(facts.blocked, ", ")),
          "start it from a script that does not block signals, or stop it with a file `stop` "
          "in the run folder");
      break;
    }
  }
  for (const MachineFacts& facts : all) {
    if (!facts.ignored.empty()) {
      AddNote(findings, kTopic,
              fmt::format("{} was started with {} ignored (nohup, or `trap ''` in a script)",
                          Place(facts), fmt::join(facts.ignored, ", ")),
              "while it trains it heeds them all the same; before and after it does not");
      break;
    }
  }
}

void JudgeMemory(const std::vector<MachineFacts>& all, Findings* findings) {
  std::map<std::string, std::vector<const MachineFacts*>> machines;
  for (const MachineFacts& facts : all) machines[facts.machine].push_back(&facts);
  for (const auto& [name, ranks] : machines) {
    double needed = 0, free = ranks[0]->free_bytes;
    for (const MachineFacts* facts : ranks) {
      needed += facts->needed_bytes;
      if (facts->group_bytes > 0) free = std::min(free, facts->group_bytes);
    }
    if (needed <= free) continue;
    AddProblem(
        findings, kTopic, ExitCode::kUsage,
        fmt::format("{} ranks on {} will take up to {:.0f} MiB of memory, {:.0f} MiB are free",
                    ranks.size(), ranks[0]->host, needed / kMiB, free / kMiB),
        "fewer ranks a host, more batch.slots (smaller ones), train.recompute = true, or "
        "more memory (`--mem`)");
  }
}

void JudgeLimits(const std::vector<MachineFacts>& all, Findings* findings) {
  for (const MachineFacts& facts : all) {
    if (facts.open_files >= kFewOpenFiles) continue;
    AddWarning(findings, kTopic,
               fmt::format("{} may open {} files only", Place(facts), facts.open_files),
               "ulimit -n 4096 in the job script");
    return;
  }
}

void JudgeClocks(const std::vector<MachineFacts>& all, Findings* findings) {
  for (const MachineFacts& facts : all) {
    const double ahead = facts.clock - all[0].clock;
    if (std::abs(ahead) < kClockSeconds) continue;
    AddWarning(findings, kTopic,
               fmt::format("the clock of {} is {:.0f} s {} that of rank 0", Place(facts),
                           std::abs(ahead), ahead > 0 ? "ahead of" : "behind"),
               "set the clocks by a time server (chrony); times in logs cannot be compared else");
    return;
  }
}

void JudgeGovernors(const std::vector<MachineFacts>& all, Findings* findings) {
  for (const MachineFacts& facts : all) {
    if (facts.governor.empty() || facts.governor == "performance") continue;
    AddNote(findings, kTopic,
            fmt::format("the clock governor of {} is \"{}\"", facts.host, facts.governor),
            "\"performance\" keeps ranks equally fast (cpupower frequency-set -g performance)");
    return;
  }
}

void NoteEnvironment(Findings* findings) {
  std::vector<std::string> set;
  for (const char* name : {"OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"}) {
    if (std::getenv(name) != nullptr) set.push_back(name);
  }
  if (!set.empty()) {
    AddNote(findings, kTopic, fmt::format("{} means nothing to lockstep", fmt::join(set, ", ")),
            "set --threads (train.threads)");
  }
  const char* end = std::getenv("SLURM_JOB_END_TIME");
  if (end == nullptr) return;
  const double minutes = (std::atof(end) - static_cast<double>(std::time(nullptr))) / 60;
  AddNote(findings, kTopic, fmt::format("the SLURM job ends in {:.0f} minutes", minutes),
          "`#SBATCH --signal=USR1@120 --requeue` has it saved before");
}

}  // namespace

MachineFacts FindMachineFacts() {
  MachineFacts facts;
  facts.isa = IsaName(DetectIsa());
  facts.free_bytes = 1024 * std::atof(FileField("/proc/meminfo", "MemAvailable:").c_str());
  facts.group_bytes = GroupBytes();
  facts.open_files = OpenFiles();
  facts.core_dumps = CoreDumps();
  facts.blocked = SignalsIn("SigBlk:");
  facts.ignored = SignalsIn("SigIgn:");
  std::ifstream("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor") >> facts.governor;
  return facts;
}

Findings JudgeMachines(const std::vector<MachineFacts>& all) {
  Findings findings;
  JudgeMemory(all, &findings);
  JudgeSignals(all, &findings);
  JudgeLimits(all, &findings);
  JudgeClocks(all, &findings);
  JudgeGovernors(all, &findings);
  NoteEnvironment(&findings);
  const bool well = std::ranges::none_of(
      findings, [](const Finding& finding) { return finding.severity >= Severity::kWarning; });
  if (well) {
    AddOk(&findings, kTopic,
          fmt::format("{}, {:.1f} GiB of memory free on {}, {} open files{}", all[0].isa,
                      all[0].free_bytes / (1 << 30), all[0].host, all[0].open_files,
                      all[0].core_dumps ? "" : ", no core dumps (ulimit -c)"));
  }
  return findings;
}

std::string ToJson(const MachineFacts& facts) { return JsonText(nlohmann::json(facts)); }

MachineFacts MachineFactsFromJson(const std::string& text) {
  return ParseJson(text).get<MachineFacts>();
}

}  // namespace lockstep
