#include <iostream>

#include "base/durable_file.h"
#include "base/log.h"
#include "base/log_guard.h"
#include "base/phase_timer.h"
#include "base/rank_status.h"
#include "launch/config/agreement.h"
#include "launch/frame/options.h"
#include "launch/frame/program.h"
#include "launch/frame/shared_files.h"
#include "launch/frame/version.h"
#include "launch/run/run_folder.h"
#include "launch/run/run_lock.h"
#include "launch/run/trained_model.h"
#include "launch/run/training_setup.h"
#include "launch/slurm/slurm_job.h"
#include "launch/start/launch_check.h"
#include "launch/supervise/supervisor.h"
#include "launch/tasks/tasks.h"
#include "trainer/trainer.h"
#include "trainer/watch/stop_request.h"
#include "worker/comm/together.h"

namespace lockstep {
namespace {

constexpr const char* kUsage =
    "Trains a model; started again with the same command, it goes on where it ended.\n"
    "  mpirun -n 2 lockstep train --config FILE --corpus CORPUS --run RUN\n";

constexpr OptionRow kRows[] = {
    {"run", "run folder; made if it is missing, continued if it holds a run"},
    {"help-config", "prints every configuration key with its default, and ends",
     OptionKind::kSwitch},
};

OptionTable Describe() { return {kRows, TrainingRows()}; }

ExitCode Finish(const Communicator& comm, const RunIdentity& identity, TrainOutcome outcome,
                const Trainer& trainer) {
  const std::string& run_folder = identity.run_folder;
  const TrainingState& state = trainer.state();
  switch (outcome) {
    case TrainOutcome::kStopped:
      return ExitCode::kStopped;
    case TrainOutcome::kDiverged:
      LogInfo("training diverged: {}. The last good checkpoint in {}/checkpoints is kept",
              trainer.WhyDiverged(), run_folder);
      return ExitCode::kDiverged;
    case TrainOutcome::kDone:
      break;
  }
  if (comm.rank() == 0) {
    const auto require = [&] { identity.owner->Require(); };
    identity.owner->Guard([&] { WriteCompletionMark(run_folder, state, require); });
  }
  LogInfo("done: step {}, epoch {}; results are in {}", state.step, state.cursor.epoch, run_folder);
  return ExitCode::kDone;
}

// A configuration with mistakes ends the run before anything can stall.
SupervisorOptions SupervisionOf(const Options& options) {
  try {
    Config config;
    FillConfig(options, &config);
    return config.run().supervisor;
  } catch (const Error&) {
    return {.on = false};
  }
}

// A later start of the same job need not wait for the lock of one that its scheduler has given up.
void ClaimRun(const std::string& run_folder, std::optional<RunLock>* lock,
              std::optional<RunOwner>* owner) {
  const bool succeeds = BelongsToAnEarlierStart(run_folder);
  if (succeeds) owner->emplace(run_folder);  // the earlier one ends itself at the sight of it
  lock->emplace(run_folder, succeeds);
  if (!succeeds) owner->emplace(run_folder);
}

std::map<std::string, std::string> WithVersion(std::map<std::string, std::string> config) {
  config.insert({"lockstep", kVersion});
  return config;
}

ExitCode Train(const Communicator& comm, const Options& options, double started_at) {
  Status().rank = comm.rank();
  Config config;
  RunIdentity identity;
  CorpusInfo corpus;
  TrainerOptions trainer_options;
  TogetherOnHosts(comm, [&] {
    FillConfig(options, &config);
    identity.corpus_folder = options.Text("corpus");
    identity.run_folder = options.Text("run");
  });
  identity.config = config.Values();
  identity.defaults = Config().Values();
  RequireLaunch(comm, NeedsOf(config.run()));
  CheckSameOnAllRanks(comm, WithVersion(identity.config));
  corpus = ReadSharedCorpus(comm, identity.corpus_folder);
  Together(comm, [&] { NameUnit(&corpus); });
  Together(comm, [&] {
    trainer_options = OptionsFor(config, corpus);
    if (comm.rank() == 0) {  // which watches the clock
      trainer_options.time = TimeWithinJob(trainer_options.time, started_at);
    }
    CheckSlots(comm.size(), trainer_options.threads, trainer_options.stream.plan.slots);
  });
  std::optional<RunLock> lock;
  std::optional<RunOwner> owner;
  std::string isa_so_far;
  Together(comm, [&] {
    if (comm.rank() != 0) return;
    MakeFolder(identity.run_folder);
    MakeFolder(identity.run_folder + "/checkpoints");
    ClaimRun(identity.run_folder, &lock, &owner);
    RemoveTemporaries(identity.run_folder, [&] { owner->Require(); });
    isa_so_far = IsaOfNewestCheckpoint(identity.run_folder);
  });
  RequireSharedFolder(comm, identity.run_folder);
  identity.isa = IsaName(SelectInstructions(comm, config.run(), isa_so_far));
  identity.free_keys = config.FreeKeys();
  identity.code_version = kVersion;
  Status().Enter(RankPhase::kResume);
  if (owner) identity.owner = &*owner;
  Status().owner = comm.Max(owner ? owner->number() : 0);
  Trainer trainer(comm, trainer_options, corpus, identity);
  Together(comm, [&] {
    if (comm.rank() != 0) return;
    const auto require = [&] { owner->Require(); };
    owner->Guard([&] { WriteRunFiles(identity.run_folder, config, corpus, require); });
    require();
    RemoveCompletionMark(identity.run_folder);
    GuardLogFile([mine = *owner] { return mine.IsMine(); });  // lives longer than this
    AppendLogTo(identity.run_folder + "/log.txt");
  });
  const TrainOutcome outcome = trainer.Run();
  if (owner) owner->Require();
  return Finish(comm, identity, outcome, trainer);
}

}  // namespace

ExitCode TrainVerb(const Arguments& arguments) {
  const double started_at = Seconds();
  CatchStopSignals();
  const Options options("train", Describe(), arguments);
  if (options.Has("help")) std::cout << kUsage << Describe();
  if (options.Has("help-config")) std::cout << Config::Help();
  if (options.Has("help") || options.Has("help-config")) return ExitCode::kDone;
  RequireAnswer("the configuration", [&] { SupervisionOf(options); });
  const std::string run = options.Maybe("run").value_or("");
  if (const auto code = Supervise(SupervisionOf(options), run, [&] { return OwnerNumber(run); })) {
    return static_cast<ExitCode>(*code);
  }
  return WithMpi([&](const Communicator& comm) { return Train(comm, options, started_at); });
}

}  // namespace lockstep
