#include <filesystem>
#include <iostream>

#include "base/durable_file.h"
#include "base/log.h"
#include "base/log_guard.h"
#include "base/phase_timer.h"
#include "base/rank_status.h"
#include "base/shell_word.h"
#include "launch/config/agreement.h"
#include "launch/frame/help.h"
#include "launch/frame/options.h"
#include "launch/frame/program.h"
#include "launch/frame/shared_files.h"
#include "launch/frame/version.h"
#include "launch/run/automatic_slots.h"
#include "launch/run/corpus_warnings.h"
#include "launch/run/idle_corpus_keys.h"
#include "launch/run/newest_state.h"
#include "launch/run/run_claim.h"
#include "launch/run/run_folder.h"
#include "launch/run/start_inputs.h"
#include "launch/run/training_corpus.h"
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
    {"run RUN", "run folder; made if it is missing, continued if it holds a run"},
    {"help-config", "prints every configuration key with its default, and ends",
     OptionKind::kSwitch},
    {"dump-config",
     "prints the configuration that --config, variables and --set give as TOML with comments, and "
     "ends",
     OptionKind::kSwitch},
};

OptionTable Describe() { return {kRows, {"Configuration", TrainingRows()}}; }

// What evaluate needs to be told where the corpus has no test split, which is its default.
const char* SplitWords(const CorpusInfo& corpus) {
  const auto has = [&](const char* name) {
    const auto split = corpus.splits.find(name);
    return split != corpus.splits.end() && split->second.sequences > 0;
  };
  if (has("test")) return "";
  return has("valid") ? " --split valid" : " --split train";
}

ExitCode Finish(const Communicator& comm, const RunIdentity& identity, const CorpusInfo& corpus,
                TrainOutcome outcome, const Trainer& trainer) {
  const std::string& run_folder = identity.run_folder;
  const TrainingState& state = trainer.state();
  switch (outcome) {
    case TrainOutcome::kStopped:
      return ExitCode::kStopped;
    case TrainOutcome::kDiverged: {
      NewestState newest;
      FindNewestState(run_folder, &newest);
      LogInfo(
          "training diverged: {}{}", trainer.WhyDiverged(),
          newest.path.empty()
              ? ", before the first checkpoint"
              : fmt::format(". The last good checkpoint in {}/checkpoints is kept", run_folder));
      return ExitCode::kDiverged;
    }
    case TrainOutcome::kDone:
      break;
  }
  if (comm.rank() == 0) {
    const auto require = [&] { identity.owner->Require(); };
    identity.owner->Guard([&] { WriteCompletionMark(run_folder, state, require); });
  }
  LogInfo("done: step {}, epoch {}; results are in {}", state.step, state.cursor.epoch, run_folder);
  LogInfo("next: lockstep evaluate --run {} --corpus {}{}", ShellQuoted(run_folder),
          ShellQuoted(identity.corpus_folder), SplitWords(corpus));
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

std::map<std::string, std::string> WithVersion(std::map<std::string, std::string> config) {
  config.insert({"lockstep", kVersion});
  return config;
}

// What a run is started with, the same on every rank. Config cannot be copied, so it is filled in
// place.
struct RunStart {
  Config config;
  RunIdentity identity;
  CorpusInfo corpus;
  Schema schema_as_read;  // of the corpus, before it was completed
  TrainerOptions options;
  NewestState newest;  // on rank 0, as far as it had to be read
};

// Collective. Configuration and corpus, which must be the same on all ranks.
void ReadStart(const Communicator& comm, const Options& options, RunStart* start) {
  RunIdentity& identity = start->identity;
  TogetherOnHosts(comm, [&] {
    FillConfig(options, &start->config);
    identity.corpus_folder = options.Text("corpus");
    identity.run_folder = options.Text("run");
  });
  identity.defaults = Config().Values();
  identity.free_keys = start->config.FreeKeys();
  identity.code_version = kVersion;
  RequireLaunch(comm, NeedsOf(start->config.run()));
  SettleSlotsOfRun(comm, identity.run_folder, &start->newest, &start->config);
  identity.config = start->config.Values();
  CheckSameOnAllRanks(comm, WithVersion(identity.config));
  start->corpus = ReadTrainingCorpus(comm, start->config.run(), identity.corpus_folder);
}

void WarnOfCorpus(const TrainerOptions& options, const CorpusInfo& corpus) {
  const auto warn = [](const std::string& text) {
    if (!text.empty()) LogWarning("{}", text);
  };
  if (!corpus.is_stream())
    warn(OneBatchWarning(corpus.Split("train").sequences, options.stream.plan.batch_sequences));
  const Task* const task = TaskOf(corpus.kind);
  if (task != nullptr && task->training_warning != nullptr) warn(task->training_warning(corpus));
}

// Collective. What the trainer is told, from configuration and corpus.
void SetOptions(const Communicator& comm, double started_at, RunStart* start) {
  Together(comm, [&] {
    start->schema_as_read = start->corpus.schema;
    CompleteSchema(&start->corpus);
    TrainerOptions& options = start->options;
    options = OptionsFor(start->config, start->corpus);
    if (comm.rank() == 0) {  // which watches the clock
      options.time = TimeWithinJob(options.time, started_at);
      WarnOfIdleWorkers(comm.size(), options.threads, options.stream.plan.slots);
      WarnOfCorpus(options, start->corpus);
      WarnOfIdleKeys(start->config, start->corpus);
    }
  });
}

// Collective. A run that goes on must have the corpora it began with.
void RequireCorporaOfRun(const Communicator& comm, const RunStart& start) {
  Together(comm, [&] {
    if (comm.rank() != 0 || start.newest.path.empty()) return;
    RequireSameCorpora(start.config.run(), start.identity.corpus_folder, start.corpus,
                       start.identity.run_folder);
  });
}

// Collective. Writes what the run folder holds from the start on. The trainer has resumed by now,
// so a start that is refused has changed nothing.
void WriteStart(const Communicator& comm, const RunStart& start, const RunClaim& claim,
                Index step) {
  const std::string& run_folder = start.identity.run_folder;
  Together(comm, [&] {
    if (comm.rank() != 0) return;
    const auto require = [&] { claim.owner->Require(); };
    CorpusInfo corpus = start.corpus;
    corpus.schema = start.schema_as_read;  // the copy has the hash that checkpoints name
    claim.owner->Guard([&] { WriteRunFiles(run_folder, start.config, corpus, require); });
    require();
    RemoveCompletionMark(run_folder);
    GuardLogFile([mine = *claim.owner] { return mine.IsMine(); });  // lives longer than this
    AppendLogTo(run_folder + "/log.txt");
    const std::string corpus_folder =
        std::filesystem::absolute(start.identity.corpus_folder).lexically_normal();
    AppendStart(run_folder, {step, comm.size(), start.options.threads, kVersion, start.identity.isa,
                             corpus_folder});
  });
}

ExitCode Train(const Communicator& comm, const Options& options, double started_at) {
  Status().rank = comm.rank();
  RunStart start;
  ReadStart(comm, options, &start);
  SetOptions(comm, started_at, &start);
  RunIdentity& identity = start.identity;
  RunClaim claim;
  ClaimFolder(comm, identity.run_folder, &claim, &start.newest);
  RequireCorporaOfRun(comm, start);
  identity.isa = IsaName(SelectInstructions(comm, start.config.run(), start.newest.isa));
  Status().Enter(RankPhase::kResume);
  if (claim.owner) identity.owner = &*claim.owner;
  Status().owner = comm.Max(claim.owner ? claim.owner->number() : 0);
  const bool goes_on = comm.Max(start.newest.path.empty() ? 0 : 1) > 0;
  auto start_values = goes_on ? nullptr
                              : ReadStartValues(comm, start.config.run(), identity.corpus_folder,
                                                start.corpus, start.options);
  identity.start_values = start_values.get();
  Trainer trainer(comm, start.options, start.corpus, identity);
  start_values.reset();
  WriteStart(comm, start, claim, trainer.state().step);
  const TrainOutcome outcome = trainer.Run();
  if (claim.owner) claim.owner->Require();
  return Finish(comm, identity, start.corpus, outcome, trainer);
}

void DumpConfig(const Options& options) {
  Config config;
  ReadConfig(options, &config);
  config.ThrowProblems();
  std::cout << config.ToAnnotatedToml();
}

}  // namespace

ExitCode TrainVerb(const Arguments& arguments) {
  const double started_at = Seconds();
  CatchStopSignals();
  const Options options("train", Describe(), arguments);
  if (PrintsHelp(options, kUsage, Describe())) return ExitCode::kDone;
  if (options.Has("help-config")) std::cout << Config::Help();
  if (options.Has("dump-config")) DumpConfig(options);
  if (options.Has("help-config") || options.Has("dump-config")) return ExitCode::kDone;
  RequireAnswer("the configuration", [&] { SupervisionOf(options); });
  const std::string run = options.Maybe("run").value_or("");
  if (const auto code = Supervise(SupervisionOf(options), run, [&] { return OwnerNumber(run); })) {
    return static_cast<ExitCode>(*code);
  }
  return WithMpi([&](const Communicator& comm) { return Train(comm, options, started_at); });
}

}  // namespace lockstep
