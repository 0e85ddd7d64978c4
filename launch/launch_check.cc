#include "launch/launch_check.h"

#include <sched.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "base/durable_file.h"
#include "base/hash.h"
#include "base/log.h"
#include "launch/version.h"
#include "worker/comm/together.h"

namespace lockstep {

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(LaunchFacts, rank, size, expected_size, expected_from, host,
                                   machine, cores, machine_cores, threads, quota_cores, program,
                                   version)

namespace {

constexpr const char* kTopic = "launch";

std::string FirstLine(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

int NumberIn(const char* variable) {
  const char* text = std::getenv(variable);
  return text == nullptr ? 0 : std::atoi(text);
}

// Variables that a launcher sets for each process of a job, with the number of all. A job script
// has SLURM's too, but for those of a step.
void FindExpectedSize(LaunchFacts* facts) {
  for (const char* variable : {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "SLURM_STEP_NUM_TASKS"}) {
    facts->expected_size = NumberIn(variable);
    facts->expected_from = variable;
    if (facts->expected_size > 0) return;
  }
  // Only a process of a step has a number above 0 here.
  if (NumberIn("SLURM_PROCID") > 0) {
    facts->expected_size = NumberIn("SLURM_NTASKS");
    facts->expected_from = "SLURM_NTASKS";
  }
}

std::vector<int> AllowedCores() {
  constexpr int kMostCores = 8192;
  std::vector<int> cores;
  cpu_set_t* set = CPU_ALLOC(kMostCores);
  const std::size_t bytes = CPU_ALLOC_SIZE(kMostCores);
  CPU_ZERO_S(bytes, set);
  if (::sched_getaffinity(0, bytes, set) == 0) {
    for (int core = 0; core < kMostCores; ++core) {
      if (CPU_ISSET_S(static_cast<std::size_t>(core), bytes, set)) cores.push_back(core);
    }
  }
  CPU_FREE(set);
  return cores;
}

// The folder of this process's group in the hierarchy of a controller (version 2: of none, ""): the
// third field of its line "4:cpu,cpuacct:/a/b"; "/" without one.
std::string GroupOf(const std::string& controller) {
  std::ifstream groups("/proc/self/cgroup");
  for (std::string line; std::getline(groups, line);) {
    const std::size_t first = line.find(':'), second = line.find(':', first + 1);
    if (second == std::string::npos) continue;
    const std::string names = "," + line.substr(first + 1, second - first - 1) + ",";
    if (names.find("," + controller + ",") != std::string::npos) return line.substr(second + 1);
  }
  return "/";
}

double QuotaIn(const std::string& quota, const std::string& period) {
  const double microseconds = std::atof(quota.c_str()), of = std::atof(period.c_str());
  return microseconds > 0 && of > 0 ? microseconds / of : 0;
}

// Processors' worth of time of this process's control group, in either version; 0: no bound. A
// container sees its own group as the root, so that is asked, too.
double QuotaCores() {
  for (const std::string& group : {GroupOf(""), std::string("/")}) {
    const std::string line = FirstLine("/sys/fs/cgroup" + group + "/cpu.max");
    const std::size_t space = line.find(' ');
    if (space == std::string::npos) continue;
    if (const double cores = QuotaIn(line.substr(0, space), line.substr(space + 1)); cores > 0) {
      return cores;
    }
  }
  for (const std::string& group : {GroupOf("cpu"), std::string("/")}) {
    const std::string folder = "/sys/fs/cgroup/cpu" + group;
    const double cores =
        QuotaIn(FirstLine(folder + "/cpu.cfs_quota_us"), FirstLine(folder + "/cpu.cfs_period_us"));
    if (cores > 0) return cores;
  }
  return 0;
}

std::string ProgramHash() {
  try {
    return Hash128Hex(ReadBytes("/proc/self/exe"));
  } catch (const Error&) {
    return "unreadable";
  }
}

void JudgeSize(const LaunchFacts& facts, Findings* findings) {
  if (facts.expected_size <= 1 || facts.expected_size == facts.size) return;
  AddProblem(
      findings, kTopic, ExitCode::kUsage,
      fmt::format("this process on {} takes itself for rank {} of {}, but {} is {}: its MPI "
                  "and the launcher do not speak with each other",
                  facts.host, facts.rank, facts.size, facts.expected_from, facts.expected_size),
      "under SLURM `srun --mpi=pmix` (`srun --mpi=list` names what there is); else the "
      "`mpirun` of the MPI that lockstep was built with");
}

// A program that was started alone in a job of many.
void JudgeLonely(const std::vector<LaunchFacts>& all, Findings* findings) {
  const int tasks = NumberIn("SLURM_NTASKS");
  if (all.size() != 1 || all[0].expected_size > 0 || tasks <= 1) return;
  AddWarning(findings, kTopic,
             fmt::format("one process runs, but the SLURM job has {} tasks (SLURM_NTASKS)", tasks),
             "start it with `srun --mpi=pmix` or mpirun");
}

std::string RankList(const std::vector<const LaunchFacts*>& ranks) {
  constexpr std::size_t kMostNamed = 16;
  std::vector<int> numbers;
  for (const LaunchFacts* facts : ranks) numbers.push_back(facts->rank);
  if (numbers.size() <= kMostNamed) return fmt::format("{}", fmt::join(numbers, ", "));
  numbers.resize(kMostNamed);
  return fmt::format("{}, ... ({} in all)", fmt::join(numbers, ", "), ranks.size());
}

// More threads than cores among the ranks that may run on these cores only. When this holds for no
// set of cores, all threads find one of their own.
void JudgeCores(const std::vector<int>& cores, const std::vector<const LaunchFacts*>& machine,
                bool crowded, Findings* findings) {
  std::vector<const LaunchFacts*> confined;
  Index threads = 0;
  for (const LaunchFacts* facts : machine) {
    if (!std::ranges::includes(cores, facts->cores)) continue;
    confined.push_back(facts);
    threads += facts->threads;
  }
  const Index count = static_cast<Index>(cores.size());
  if (threads <= count) return;
  const Index each = confined[0]->threads;
  AddWarning(
      findings, kTopic,
      fmt::format("rank{} {} on {} compute{} with {} threads on {} core{} ({})",
                  confined.size() == 1 ? "" : "s", RankList(confined), confined[0]->host,
                  confined.size() == 1 ? "s" : "", threads, count, count == 1 ? "" : "s",
                  fmt::join(cores, ",")),
      crowded
          ? fmt::format("start at most {} ranks of {} thread{} on a machine of {} cores; if more "
                        "must be, set OMPI_MCA_mpi_yield_when_idle=1",
                        std::max<Index>(1, confined[0]->machine_cores / each), each,
                        each == 1 ? "" : "s", confined[0]->machine_cores)
          : fmt::format("`mpirun --map-by slot:PE={} --bind-to core`, under SLURM "
                        "`--cpus-per-task={} --cpu-bind=cores`",
                        each, each));
}

void JudgeQuota(const std::vector<const LaunchFacts*>& machine, Findings* findings) {
  Index threads = 0;
  double quota = 0;
  for (const LaunchFacts* facts : machine) {
    threads += facts->threads;
    quota = std::max(quota, facts->quota_cores);
  }
  if (quota <= 0 || static_cast<double>(threads) <= quota) return;
  AddWarning(findings, kTopic,
             fmt::format("{} threads on {} share a quota of {:.1f} cores of their control group",
                         threads, machine[0]->host, quota),
             "ask for as many cores as threads, or start fewer ranks or threads");
}

void JudgeMachines(const std::vector<LaunchFacts>& all, Findings* findings) {
  std::map<std::string, std::vector<const LaunchFacts*>> machines;
  for (const LaunchFacts& facts : all) machines[facts.machine].push_back(&facts);
  for (const auto& [name, ranks] : machines) {
    std::set<std::vector<int>> sets;
    Index threads = 0;
    for (const LaunchFacts* facts : ranks) {
      sets.insert(facts->cores);
      threads += facts->threads;
    }
    const bool crowded = threads > ranks[0]->machine_cores;
    for (const std::vector<int>& cores : sets) JudgeCores(cores, ranks, crowded, findings);
    JudgeQuota(ranks, findings);
  }
}

// Two machines with one name would be one for whoever counts ranks of a host.
void JudgeNames(const std::vector<LaunchFacts>& all, Findings* findings) {
  std::map<std::string, std::string> machine_of;
  for (const LaunchFacts& facts : all) {
    const auto [found, fresh] = machine_of.insert({facts.host, facts.machine});
    if (fresh || found->second == facts.machine) continue;
    AddWarning(findings, kTopic,
               fmt::format("two machines are called {}; rank {} runs on the second", facts.host,
                           facts.rank),
               "give each its own host name: messages of this program name hosts by it");
    return;
  }
}

void JudgePrograms(const std::vector<LaunchFacts>& all, Findings* findings) {
  const LaunchFacts& root = all[0];
  const auto name = [](const LaunchFacts& facts) {
    return fmt::format("lockstep {}, file {}", facts.version, facts.program.substr(0, 8));
  };
  for (const LaunchFacts& facts : all) {
    if (facts.program == root.program && facts.version == root.version) continue;
    const std::string text =
        fmt::format("rank {} on {} runs another program ({}) than rank 0 on {} ({})", facts.rank,
                    facts.host, name(facts), root.host, name(root));
    const std::string remedy =
        "install one build on all hosts, or start it from a folder that all share";
    if (facts.version != root.version) {
      AddProblem(findings, kTopic, ExitCode::kUsage, text, remedy);
    } else {  // of another compiler, say: known answers tell whether the bits agree
      AddWarning(findings, kTopic, text, remedy + "; `lockstep doctor` compares their answers");
    }
    return;
  }
}

}  // namespace

LaunchFacts FindLaunchFacts(const Communicator& comm, Index threads) {
  LaunchFacts facts;
  facts.rank = comm.rank();
  facts.size = comm.size();
  FindExpectedSize(&facts);
  struct utsname names {};
  ::uname(&names);
  facts.host = names.nodename;
  const std::string boot = FirstLine("/proc/sys/kernel/random/boot_id");
  facts.machine = boot.empty() ? facts.host : boot;
  facts.cores = AllowedCores();
  facts.machine_cores = ::sysconf(_SC_NPROCESSORS_ONLN);
  facts.threads = threads;
  facts.quota_cores = QuotaCores();
  facts.program = ProgramHash();
  facts.version = kVersion;
  return facts;
}

Findings JudgeLaunch(const std::vector<LaunchFacts>& all) {
  Findings findings;
  JudgeSize(all[0], &findings);
  JudgeLonely(all, &findings);
  JudgePrograms(all, &findings);
  JudgeMachines(all, &findings);
  JudgeNames(all, &findings);
  if (!findings.empty()) return findings;
  std::set<std::string> hosts;
  for (const LaunchFacts& facts : all) hosts.insert(facts.host);
  AddOk(&findings, kTopic,
        fmt::format("{} rank{} x {} thread{} on {} host{}, one program, a core for each thread",
                    all.size(), all.size() == 1 ? "" : "s", all[0].threads,
                    all[0].threads == 1 ? "" : "s", hosts.size(), hosts.size() == 1 ? "" : "s"));
  return findings;
}

std::string ToJson(const LaunchFacts& facts) { return nlohmann::json(facts).dump(); }

LaunchFacts LaunchFactsFromJson(const std::string& text) {
  return nlohmann::json::parse(text).get<LaunchFacts>();
}

Findings CheckLaunch(const Communicator& comm, Index threads) {
  std::vector<LaunchFacts> all;
  for (const std::string& text : comm.GatherText(ToJson(FindLaunchFacts(comm, threads)))) {
    all.push_back(LaunchFactsFromJson(text));
  }
  return comm.rank() == 0 ? JudgeLaunch(all) : Findings();
}

void RequireLaunch(const Communicator& comm, Index threads) {
  const Findings findings = CheckLaunch(comm, threads);
  for (const Finding& finding : findings) {
    if (finding.severity == Severity::kWarning) {
      LogWarning("{}: {}", finding.text, finding.remedy);
    }
  }
  Together(comm, [&] {
    for (const Finding& finding : findings) {
      if (finding.severity != Severity::kProblem) continue;
      throw InputError(finding.code, finding.text + "; " + finding.remedy);
    }
  });
}

}  // namespace lockstep
