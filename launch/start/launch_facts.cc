#include "launch/start/launch_facts.h"

#include <sched.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <charconv>
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <span>
#include <utility>

#include "base/hash.h"
#include "base/json_text.h"
#include "launch/frame/version.h"

namespace lockstep {
namespace {

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

// The folder of this process's control group for a controller (for version 2, the controller is
// ""): the third field of its line "4:cpu,cpuacct:/a/b" in /proc/self/cgroup; "/" if there is no
// line.
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

// The cores' worth of time that this process's control group may use, for both versions; 0: no
// limit. Also reads the root group, because a container sees its own group as the root.
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

// The hash of the executable. It is read in parts, so that the program is not in memory twice.
std::string ProgramHash() {
  constexpr std::size_t kPart = std::size_t{1} << 16;
  std::ifstream file("/proc/self/exe", std::ios::binary);
  std::vector<char> part(kPart);
  StreamHash hash;
  while (file.read(part.data(), kPart) || file.gcount() > 0) {
    hash.Add(std::as_bytes(std::span(part).first(static_cast<std::size_t>(file.gcount()))));
  }
  return file.eof() ? hash.Hex() : "unreadable";
}

}  // namespace

// Reads the number of processes from the variables that a launcher sets for each of them. A job
// script, which is not one of the processes, also has variables of SLURM, but not those of a step.
void FindExpectedSize(LaunchFacts* facts) {
  for (const char* variable : {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "SLURM_STEP_NUM_TASKS"}) {
    facts->expected_size = NumberIn(variable);
    facts->expected_from = variable;
    if (facts->expected_size > 0) return;
  }
  // SLURM_PROCID is above 0 only in a process of a step.
  if (NumberIn("SLURM_PROCID") > 0) {
    facts->expected_size = NumberIn("SLURM_NTASKS");
    facts->expected_from = "SLURM_NTASKS";
  }
}

std::string RangesText(const std::vector<int>& numbers) {
  std::string text;
  for (std::size_t i = 0, end = 0; i < numbers.size(); i = end) {
    for (end = i + 1; end < numbers.size() && numbers[end] == numbers[end - 1] + 1;) ++end;
    if (i > 0) text += ",";
    text += std::to_string(numbers[i]);
    if (end - i > 1) text += "-" + std::to_string(numbers[end - 1]);
  }
  return text;
}

std::vector<int> NumbersOfRanges(const std::string& text) {
  std::vector<int> numbers;
  const char* const end = text.data() + text.size();
  for (const char* at = text.data(); at < end; ++at) {  // ++at skips the comma
    int first = 0;
    at = std::from_chars(at, end, first).ptr;
    int last = first;
    if (at < end && *at == '-') at = std::from_chars(at + 1, end, last).ptr;
    for (int number = first; number <= last; ++number) numbers.push_back(number);
  }
  return numbers;
}

LaunchFacts FindLaunchFacts(const Communicator& comm, const LaunchNeeds& needs) {
  LaunchFacts facts;
  facts.rank = comm.rank();
  facts.size = comm.size();
  FindExpectedSize(&facts);
  struct utsname names {};
  ::uname(&names);
  facts.host = names.nodename;
  const std::string boot = FirstLine("/proc/sys/kernel/random/boot_id");
  facts.machine = boot.empty() ? facts.host : boot;
  facts.cores = RangesText(AllowedCores());
  facts.machine_cores = ::sysconf(_SC_NPROCESSORS_ONLN);
  facts.quota_cores = QuotaCores();
  facts.program = ProgramHash();
  facts.version = kVersion;
  facts.isa = IsaName(DetectIsa());
  facts.needs = needs;
  return facts;
}

// An array without names of fields, because rank 0 receives the text of every rank.
std::string ToJson(const LaunchFacts& facts) {
  return JsonText(nlohmann::json::array(
      {facts.rank, facts.size, facts.expected_size, facts.expected_from, facts.host, facts.machine,
       facts.cores, facts.machine_cores, facts.quota_cores, facts.program, facts.version, facts.isa,
       facts.needs.threads, facts.needs.isa}));
}

LaunchFacts LaunchFactsFromJson(const std::string& text) {
  const nlohmann::json array = ParseJson(text);
  std::size_t next = 0;
  const auto take = [&](auto* field) { array.at(next++).get_to(*field); };
  LaunchFacts facts;
  take(&facts.rank);
  take(&facts.size);
  take(&facts.expected_size);
  take(&facts.expected_from);
  take(&facts.host);
  take(&facts.machine);
  take(&facts.cores);
  take(&facts.machine_cores);
  take(&facts.quota_cores);
  take(&facts.program);
  take(&facts.version);
  take(&facts.isa);
  take(&facts.needs.threads);
  take(&facts.needs.isa);
  return facts;
}

}  // namespace lockstep
