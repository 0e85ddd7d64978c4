// lockstep doctor: tries out, under the user's own launcher and in the user's own run folder,
// everything that training relies on, and says in plain words what it found.
#include <csignal>
#include <iostream>
#include <nlohmann/json.hpp>

#include "base/json_text.h"
#include "base/log.h"
#include "base/phase_timer.h"
#include "base/process_memory.h"
#include "launch/config/agreement.h"
#include "launch/doctor/exchange.h"
#include "launch/doctor/file_system.h"
#include "launch/doctor/janitor.h"
#include "launch/doctor/kill_and_resume.h"
#include "launch/doctor/known_answer.h"
#include "launch/doctor/machine.h"
#include "launch/doctor/phase_watch.h"
#include "launch/doctor/probe_folder.h"
#include "launch/frame/help.h"
#include "launch/frame/options.h"
#include "launch/frame/program.h"
#include "launch/frame/shared_files.h"
#include "launch/run/automatic_slots.h"
#include "launch/run/corpus_fit.h"
#include "launch/run/training_corpus.h"
#include "launch/run/training_setup.h"
#include "launch/start/launch_check.h"
#include "launch/tasks/tasks.h"
#include "trainer/estimate/disk_need.h"
#include "trainer/estimate/memory_bound.h"
#include "worker/comm/together.h"

namespace lockstep {
namespace {

constexpr const char* kUsage =
    "Says whether training can be trusted here: start it as training will be started.\n"
    "  mpirun -n 4 lockstep doctor --run RUN\n"
    "  mpirun -n 4 lockstep doctor --run RUN --config FILE --corpus CORPUS --threads 2\n"
    "Trains nothing of yours; in RUN it uses a folder .doctor-... that it removes again.\n";

constexpr OptionRow kRows[] = {
    {"run RUN",
     "run folder whose file system is tried, also one that is being trained in; default: no file "
     "system is tried"},
    {"json", "prints one JSON object on standard output", OptionKind::kSwitch},
};

OptionTable Describe() { return {kRows, {"Configuration", TrainingRows()}}; }

// Limits of the two phases that depend on the file system. The trial of kill and resume gives up by
// itself before.
constexpr double kFilesSeconds = 15, kResumeSeconds = 15;

// What the user means to train; without a corpus its needs are not known.
struct Plan {
  Config config;
  bool known = false;  // config and corpus were given
  CorpusInfo corpus;
  TrainerOptions trainer;
};

// Collective.
void ReadPlan(const Communicator& comm, const Options& options, Plan* plan) {
  Together(comm, [&] {
    // A configuration of nothing but defaults never ends, which is no matter here.
    if (!options.Has("config")) plan->config.Set("train.steps", "1", "doctor");
    FillConfig(options, &plan->config);
    SettleSlots(0, &plan->config);
  });
  plan->trainer = plan->config.run().trainer;
  plan->known = comm.Min(options.Has("corpus") ? 1 : 0) == 1;
  if (!plan->known) return;
  plan->corpus = ReadTrainingCorpus(comm, plan->config.run(), options.Text("corpus"));
  Together(comm, [&] {
    CompleteSchema(&plan->corpus);
    plan->trainer = OptionsFor(plan->config, plan->corpus);
    if (comm.rank() == 0) {
      WarnOfIdleWorkers(comm.size(), plan->trainer.threads, plan->trainer.stream.plan.slots);
    }
  });
}

double NeededMemory(const Plan& plan, const Communicator& comm, Index ranks_on_host) {
  if (!plan.known) return 0;
  const auto model = ModelFor(plan.trainer, plan.corpus);
  const PlannedJob job{.program = ResidentBytes() + NeighbourBytes(ranks_on_host),
                       .ranks = comm.size(),
                       .ranks_per_host = static_cast<int>(ranks_on_host)};
  return static_cast<double>(PredictMostMemory(job, *model, plan.corpus, plan.trainer));
}

double NeededSpace(const Plan& plan, const std::string& run_folder) {
  if (!plan.known) return 0;
  const auto model = ModelFor(plan.trainer, plan.corpus);
  const DiskNeed need = NeedOfDisk(*model, plan.corpus, plan.trainer);
  return static_cast<double>(BytesStillNeeded(run_folder + "/checkpoints", need));
}

// One examination. Findings gather on rank 0.
class Doctor {
 public:
  Doctor(const Communicator& comm, const Options& options, const MachineFacts& at_start,
         PhaseWatch* watch, Janitor* janitor)
      : comm_(comm), options_(options), machine_(at_start), watch_(watch), janitor_(janitor) {}

  ExitCode Run() {
    Begin("reading options", 10);
    ReadPlan(comm_, options_, &plan_);
    if (LooksAtLaunch()) {
      LookAtMachines();
      LookAtExchange();
      LookAtArithmetic();
      if (options_.Has("run")) LookAtRunFolder();
    }
    return Report();
  }

 private:
  void Begin(const std::string& phase, double limit_seconds) {
    watch_->Enter(phase, limit_seconds);
    LogInfo("doctor: {}", phase);
  }
  void Add(const Findings& findings) {
    findings_.insert(findings_.end(), findings.begin(), findings.end());
  }
  // The facts of all ranks on rank 0.
  template <typename Facts, typename Parse>
  std::vector<Facts> Gather(const Facts& mine, const Parse& parse) {
    std::vector<Facts> all;
    for (const std::string& text : GatherCalled(comm_, ToJson(mine), hosts_, watch_)) {
      all.push_back(parse(text));
    }
    return all;
  }
  std::string FromRoot(std::string text) {
    comm_.Broadcast(&text);
    return text;
  }
  bool AtRoot() const { return comm_.rank() == 0; }

  // False when the ranks are no job that could be examined further.
  bool LooksAtLaunch() {
    Begin("launch", 10);
    launch_ = FindLaunchFacts(comm_, NeedsOf(plan_.config.run()));
    watch_->SetName(fmt::format("rank {} on {}", comm_.rank(), launch_.host));
    const auto all = Gather(launch_, LaunchFactsFromJson);
    if (AtRoot()) {
      for (const LaunchFacts& facts : all) hosts_.push_back(facts.host);
      Add(JudgeLaunch(all));
    }
    return FromRoot(CodeOf(findings_) == ExitCode::kDone ? "well" : "ill") == "well";
  }

  void LookAtMachines() {
    Begin("machines", 10);
    machine_.rank = comm_.rank();
    machine_.host = launch_.host;
    machine_.machine = launch_.machine;
    machine_.needed_bytes = NeededMemory(plan_, comm_, comm_.MostRanksOnAHost());
    CallRoll(comm_, hosts_, watch_);
    machine_.clock = static_cast<double>(std::time(nullptr));
    const auto all = Gather(machine_, MachineFactsFromJson);
    if (AtRoot()) Add(JudgeMachines(all));
  }

  // As many threads of all ranks on this machine as it has cores, or more.
  bool IsCrowded() const {
    const Index ranks = comm_.MostRanksOnAHost();
    return ranks * plan_.trainer.threads > static_cast<Index>(launch_.machine_cores);
  }

  void LookAtExchange() {
    Begin("messages between ranks", 15);
    const auto all =
        Gather(MeasureExchange(comm_, launch_.host, IsCrowded(), watch_), ExchangeFactsFromJson);
    if (AtRoot()) Add(JudgeExchange(all));
  }

  void LookAtArithmetic() {
    Begin("known answers", 20);
    const Isa isa = AgreeOnIsa(comm_, plan_.config.run().isa);
    SelectIsa(isa);
    const auto all = Gather(FindAnswers(comm_, launch_.host, isa, plan_.trainer.threads, watch_),
                            RankAnswersFromJson);
    if (AtRoot()) Add(JudgeAnswers(all));
  }

  void LookAtRunFolder() {
    Begin("files in the run folder", kFilesSeconds);
    std::optional<ProbeFolder> folder;
    if (AtRoot()) MakeProbeFolder(&folder);
    const std::string path = FromRoot(folder ? folder->path() : "");
    if (path.empty()) return;
    const auto all =
        Gather(LookAtSharedFiles(comm_, launch_.host, path, watch_), FileFactsFromJson);
    if (AtRoot()) {
      TryFolder(path, all);
    } else {  // as long as rank 0 may take for the rest
      Begin("trial of the run folder by rank 0", kFilesSeconds + kResumeSeconds);
    }
    CallRoll(comm_, hosts_, watch_);
  }

  void MakeProbeFolder(std::optional<ProbeFolder>* folder) {
    try {
      folder->emplace(options_.Text("run"), janitor_);
    } catch (const Error& error) {
      AddProblem(&findings_, "files", error.code(), error.what(),
                 "choose a --run that you may write to");
    }
  }

  void TryFolder(const std::string& path, const std::vector<FileFacts>& all) {
    Add(JudgeSharedFiles(all));
    const FolderFacts folder =
        MeasureFolder(path, NeededSpace(plan_, options_.Text("run")), watch_);
    Add(JudgeFolder(folder));
    if (folder.failure != ExitCode::kDone) return;
    Begin("kill and resume in the run folder", kResumeSeconds);
    Add(JudgeResume(TryKillAndResume(path, watch_, janitor_)));
  }

  ExitCode Report() {
    Begin("report", 10);
    if (AtRoot()) {
      const double seconds = Seconds() - start_;
      std::cout << (options_.Has("json") ? JsonTextOfAnyBytes(ReportJson(findings_, seconds)) + "\n"
                                         : ReportText(findings_, seconds));
    }
    const std::string code = FromRoot(std::to_string(static_cast<int>(CodeOf(findings_))));
    CallRoll(comm_, hosts_, watch_);  // the end of MPI waits for all and could name nobody
    return static_cast<ExitCode>(std::stoi(code));
  }

  const Communicator& comm_;
  const Options& options_;
  MachineFacts machine_;
  PhaseWatch* watch_;
  Janitor* janitor_;
  Plan plan_;
  LaunchFacts launch_;
  std::vector<std::string> hosts_;  // of all ranks, on rank 0
  Findings findings_;
  double start_ = Seconds();
};

}  // namespace

ExitCode DoctorVerb(const Arguments& arguments) {
  const Options options("doctor", Describe(), arguments);
  if (PrintsHelp(options, kUsage, Describe())) return ExitCode::kDone;
  const MachineFacts at_start = FindMachineFacts();
  std::signal(SIGXFSZ, SIG_IGN);  // a file that may not grow is an error like others
  Janitor janitor;
  PhaseWatch watch;
  watch.Enter("start of MPI", 15);
  const ExitCode code = WithMpi([&](const Communicator& comm) {
    const ExitCode found = Doctor(comm, options, at_start, &watch, &janitor).Run();
    watch.Enter("end of MPI", 15);
    return found;
  });
  return code;
}

}  // namespace lockstep
