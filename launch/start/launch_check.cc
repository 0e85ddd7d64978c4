#include "launch/start/launch_check.h"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <set>
#include <utility>

#include "base/host_name.h"
#include "base/log.h"
#include "launch/frame/program.h"
#include "worker/comm/together.h"

namespace lockstep {
namespace {

constexpr const char* kTopic = "launch";

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

// Finds a program that was started as a single rank in a job with several tasks.
void JudgeLonely(const std::vector<LaunchFacts>& all, Findings* findings) {
  const char* const text = std::getenv("SLURM_NTASKS");
  const int tasks = text == nullptr ? 0 : std::atoi(text);
  if (all.size() != 1 || all[0].expected_size > 0 || tasks <= 1) return;
  AddWarning(findings, kTopic,
             fmt::format("one process runs, but the SLURM job has {} tasks (SLURM_NTASKS)", tasks),
             "start it with `srun --mpi=pmix` or mpirun");
}

std::string RankList(const std::vector<const LaunchFacts*>& ranks) {
  constexpr std::size_t kMostNamed = 16;
  std::vector<int> numbers;
  numbers.reserve(ranks.size());
  for (const LaunchFacts* facts : ranks) numbers.push_back(facts->rank);
  if (numbers.size() <= kMostNamed) return fmt::format("{}", fmt::join(numbers, ", "));
  numbers.resize(kMostNamed);
  return fmt::format("{}, ... ({} in all)", fmt::join(numbers, ", "), ranks.size());
}

const char* Plural(Index count) { return count == 1 ? "" : "s"; }

// The ranks that share a machine, and the command that would start them with a core for each
// thread.
struct Machine {
  std::vector<const LaunchFacts*> ranks;
  Index machines = 1;  // number of machines of the job

  const LaunchFacts& first() const { return *ranks[0]; }
  Index each() const { return first().needs.threads; }
  Index threads() const {
    Index sum = 0;
    for (const LaunchFacts* facts : ranks) sum += facts->needs.threads;
    return sum;
  }
  std::string RightCommand() const {
    const Index cores = first().machine_cores, threads = std::min(each(), cores);
    const Index here = std::min(cores / threads, static_cast<Index>(ranks.size()));
    return fmt::format(
        "{}`mpirun -n {} --map-by ppr:{}:node:PE={} --bind-to core`, under SLURM `srun "
        "--ntasks-per-node={} --cpus-per-task={} --cpu-bind=cores`",
        threads < each() ? fmt::format("--threads {} with ", threads) : "", here * machines, here,
        threads, here, threads);
  }
};

// Finds a set of cores with too many threads: the ranks that may run on these cores only have more
// threads than there are cores. If that is true of no set, every thread can have its own core.
void JudgeCores(const std::string& cores, const Machine& machine, Findings* findings) {
  const std::vector<int> numbers = NumbersOfRanges(cores);
  Machine confined;
  for (const LaunchFacts* facts : machine.ranks) {
    if (facts->cores != cores && !std::ranges::includes(numbers, NumbersOfRanges(facts->cores))) {
      continue;
    }
    confined.ranks.push_back(facts);
  }
  const Index count = static_cast<Index>(numbers.size()), threads = confined.threads();
  if (threads <= count) return;
  const bool crowded = machine.threads() > machine.first().machine_cores;
  const std::string text = fmt::format(
      "rank{} {} on {} compute{} with {} threads on {} core{} ({})",
      Plural(std::ssize(confined.ranks)), RankList(confined.ranks), confined.first().host,
      confined.ranks.size() == 1 ? "s" : "", threads, count, Plural(count), cores);
  const std::string most =
      crowded
          ? fmt::format("a machine of {} cores takes {} threads: ", machine.first().machine_cores,
                        machine.first().machine_cores)
          : "";
  AddWarning(findings, kTopic, text, most + machine.RightCommand());
}

void JudgeQuota(const Machine& machine, Findings* findings) {
  double quota = 0;
  for (const LaunchFacts* facts : machine.ranks) quota = std::max(quota, facts->quota_cores);
  if (quota <= 0 || static_cast<double>(machine.threads()) <= quota) return;
  AddWarning(findings, kTopic,
             fmt::format("{} threads on {} share a quota of {:.1f} cores of their control group",
                         machine.threads(), machine.first().host, quota),
             "ask for as many cores as threads, or start fewer ranks or threads");
}

void JudgeMachines(const std::vector<LaunchFacts>& all, Findings* findings) {
  std::map<std::string, Machine> machines;
  for (const LaunchFacts& facts : all) machines[facts.machine].ranks.push_back(&facts);
  for (auto& [name, machine] : machines) {
    machine.machines = std::ssize(machines);
    std::set<std::string> sets;
    for (const LaunchFacts* facts : machine.ranks) sets.insert(facts->cores);
    for (const std::string& cores : sets) JudgeCores(cores, machine, findings);
    JudgeQuota(machine, findings);
  }
}

std::string WithoutHost(const std::string& host) {
  return fmt::format("leave {} out (`mpirun --host` without it, `sbatch --exclude={}`)", host,
                     host);
}

// Finds ranks whose processor does not have the instructions that were requested.
void JudgeWanted(const LaunchFacts& weakest, const std::vector<LaunchFacts>& all,
                 Findings* findings) {
  const LaunchNeeds& needs = all[0].needs;
  if (needs.isa != "auto" && IsaFromName(needs.isa) > IsaFromName(weakest.isa)) {
    AddProblem(
        findings, kTopic, ExitCode::kUsage,
        fmt::format("numerics.isa is {}; rank {} on {} has {} at best", needs.isa, weakest.rank,
                    weakest.host, weakest.isa),
        fmt::format("`--set numerics.isa={}`, or {}", weakest.isa, WithoutHost(weakest.host)));
  }
}

void JudgeInstructions(const std::vector<LaunchFacts>& all, Findings* findings) {
  const auto isa = [](const LaunchFacts& facts) { return IsaFromName(facts.isa); };
  const LaunchFacts& weakest = *std::ranges::min_element(all, {}, isa);
  const LaunchFacts& best = *std::ranges::max_element(all, {}, isa);
  JudgeWanted(weakest, all, findings);
  if (all[0].needs.isa != "auto" || isa(weakest) == isa(best)) return;
  const bool same = SameBits(isa(weakest), isa(best));
  AddWarning(findings, kTopic,
             fmt::format("rank {} on {} has {} at best, rank {} on {} {}: all compute with {}, {}",
                         weakest.rank, weakest.host, weakest.isa, best.rank, best.host, best.isa,
                         weakest.isa,
                         same ? "slower but to the same bits"
                              : fmt::format("slower and to other bits than with {}", best.isa)),
             WithoutHost(weakest.host));
}

// Finds different machines with the same host name, which would be counted as one host.
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
    } else {  // for example from another compiler; known answers tell whether the bits agree
      AddWarning(findings, kTopic, text, remedy + "; `lockstep doctor` compares their answers");
    }
    return;
  }
}

}  // namespace

Findings JudgeLaunch(const std::vector<LaunchFacts>& all) {
  Findings findings;
  JudgeSize(all[0], &findings);
  JudgeLonely(all, &findings);
  JudgePrograms(all, &findings);
  JudgeInstructions(all, &findings);
  JudgeMachines(all, &findings);
  JudgeNames(all, &findings);
  if (!findings.empty()) return findings;
  std::set<std::string> hosts;
  for (const LaunchFacts& facts : all) hosts.insert(facts.host);
  AddOk(&findings, kTopic,
        fmt::format("{} rank{} x {} thread{} on {} host{}, one program, a core for each thread",
                    all.size(), all.size() == 1 ? "" : "s", all[0].needs.threads,
                    all[0].needs.threads == 1 ? "" : "s", hosts.size(),
                    hosts.size() == 1 ? "" : "s"));
  return findings;
}

Findings CheckLaunch(const Communicator& comm, const LaunchNeeds& needs) {
  std::vector<LaunchFacts> all;
  for (const std::string& text : comm.GatherText(ToJson(FindLaunchFacts(comm, needs)))) {
    all.push_back(LaunchFactsFromJson(text));
  }
  return comm.rank() == 0 ? JudgeLaunch(all) : Findings();
}

void RequireKnownRanks(const Communicator& comm) {
  LaunchFacts facts;
  facts.rank = comm.rank();
  facts.size = comm.size();
  facts.host = HostName();
  FindExpectedSize(&facts);
  Together(comm, [&] {
    Findings findings;
    JudgeSize(facts, &findings);
    for (const Finding& finding : findings)
      throw InputError(finding.code, finding.text + "; " + finding.remedy);
  });
}

void RequireOneProcess(const std::string& verb) {
  LaunchFacts facts;
  facts.host = HostName();
  FindExpectedSize(&facts);
  if (facts.expected_size <= 1) return;
  if (std::getenv("OMPI_COMM_WORLD_RANK") == nullptr) {
    return RequireKnownRanks(Communicator::Single());
  }
  // The others wait for rank 0: mpirun ends all when one has ended, before the message is out.
  const ExitCode code = WithMpi([&](const Communicator& comm) {
    Together(comm, [&] {
      if (comm.rank() != 0) return;
      throw UsageError(
          "`lockstep {}` works in one process, but {} is {}: {} of them would do the same; start "
          "it without mpirun",
          verb, facts.expected_from, facts.expected_size, facts.expected_size);
    });
    return ExitCode::kDone;
  });
  throw AgreedError(code, "");  // the message is out
}

void RequireLaunch(const Communicator& comm, const LaunchNeeds& needs) {
  const Findings findings = CheckLaunch(comm, needs);
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
