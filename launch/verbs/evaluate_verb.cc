#include <algorithm>
#include <iostream>
#include <nlohmann/json.hpp>

#include "base/json_text.h"
#include "launch/config/agreement.h"
#include "launch/frame/help.h"
#include "launch/frame/program.h"
#include "launch/frame/shared_files.h"
#include "launch/frame/stored_path.h"
#include "launch/output/cell_text.h"
#include "launch/run/corpus_fit.h"
#include "launch/run/ensemble.h"
#include "launch/run/run_folder.h"
#include "launch/run/split_loss.h"
#include "launch/run/thread_count.h"
#include "launch/start/launch_check.h"
#include "launch/tasks/tasks.h"
#include "worker/comm/together.h"

namespace lockstep {
namespace {

constexpr const char* kUsage =
    "Loss and accuracy of a trained model on a split; the same figures on any number of ranks.\n"
    "  lockstep evaluate --run RUN --corpus CORPUS --split test --json\n";

constexpr OptionRow kRows[] = {
    {"run RUN", "run folder that `lockstep train` made"},
    {"corpus CORPUS", "corpus folder that has the split"},
    {"split NAME", "split that the model is tried on; default test"},
    {"threads N", "threads of each rank; default 1"},
    {"json", "prints one JSON object on standard output", OptionKind::kSwitch},
};

OptionTable Describe() {
  static const OptionRow kEnsemble[] = {EnsembleRow()};
  OptionTable table = {kRows, CheckpointRows(), kEnsemble};
  for (const Task& task : Tasks())
    if (task.evaluate_rows != nullptr)
      table.Add({fmt::format("With runs of kind {}", task.kind), task.evaluate_rows()});
  return table;
}

// Commands, also those of each task.
std::string Usage() {
  std::string usage = kUsage;
  for (const Task& task : Tasks())
    if (task.evaluate_usage != nullptr) usage += task.evaluate_usage;
  return usage;
}

// The options of a task that act on a split of a corpus; all others go with its reference.
std::span<const OptionRow> SplitRowsOf(const Task* task) {
  const bool has_rows = task != nullptr && task->evaluate_rows != nullptr;
  return has_rows && task->scoring != nullptr ? task->evaluate_rows()
                                              : std::span<const OptionRow>();
}

// "\"a\" or \"b\"": the tasks whose corpora an option goes with.
std::string KindsOf(const std::string& option) {
  std::vector<std::string> kinds;
  for (const Task& task : Tasks()) {
    const std::span<const OptionRow> rows = SplitRowsOf(&task);
    if (std::ranges::find(rows, option, &OptionRow::name) != rows.end())
      kinds.push_back(fmt::format("\"{}\"", task.kind));
  }
  return fmt::format("{}", fmt::join(kinds, " or "));
}

// UsageError for an option that has no effect on a split of this corpus.
std::unique_ptr<Scoring> ScoringOf(const Options& options, const std::string& folder,
                                   const CorpusInfo& corpus) {
  const Task* const task = TaskOf(corpus.kind);
  for (const Task& other : Tasks()) {
    if (other.evaluate_rows == nullptr) continue;
    const OptionRow* const row = FirstForeign(options, other.evaluate_rows(), SplitRowsOf(task));
    if (row == nullptr) continue;
    if (other.reference != nullptr) {
      throw UsageError("evaluate: --{} goes with --{}, not with a split of --corpus", row->name(),
                       other.reference);
    }
    throw UsageError("--{} is for corpora of kind {}; {} is of kind \"{}\"", row->name(),
                     KindsOf(row->name()), folder, corpus.kind);
  }
  return task != nullptr && task->scoring != nullptr ? task->scoring(options, corpus)
                                                     : MakeLabelScoring();
}

void Print(bool json, const SplitTest& test, const Evaluation& found, const Scoring& scoring) {
  const TrainedModel& trained = *test.trained;
  if (!json) {
    std::cout << fmt::format("{}, split {}: {}", PathText(Describe(trained)), test.split,
                             scoring.Text(found));
    return;
  }
  nlohmann::ordered_json line = {{"split", test.split}};
  line.update(scoring.Fields(found));
  line["step"] = trained.state.step;
  line["checkpoint"] = trained.path;
  if (!trained.state.averaged_steps.empty()) line["averaged_steps"] = trained.state.averaged_steps;
  if (!trained.state.averaged_by.empty()) line["averaged_by"] = trained.state.averaged_by;
  line["parameters_hash"] = trained.state.parameters_hash;
  line["seconds"] = found.seconds;
  std::cout << JsonTextOfAnyBytes(line) << std::endl;
}

// Collective. Reads the corpus on rank 0, and requires that the run can read it.
CorpusInfo ReadCorpus(const Communicator& comm, const Options& options, const std::string& split) {
  std::string folder, run;
  Together(comm, [&] {
    folder = options.Text("corpus");
    run = options.Text("run");
  });
  CorpusInfo corpus = ReadSharedCorpus(comm, folder);
  Together(comm, [&] {
    corpus.Split(split);
    if (comm.rank() != 0) return;
    RequireRunFolder(run);
    CheckSameFields(run, ReadRunCorpus(run), folder, corpus);
  });
  return corpus;
}

ExitCode EvaluateRun(const Communicator& comm, const Options& options) {
  const std::string split = options.Maybe("split").value_or("test");
  Index threads = 1;
  Together(comm, [&] { threads = ThreadsOf(options); });
  RequireLaunch(comm, {.threads = threads});
  const CorpusInfo corpus = ReadCorpus(comm, options, split);
  const std::string folder = options.Text("corpus");
  const auto trained = LoadEnsemble(comm, options, corpus);
  CheckSameOnAllRanks(comm, {{"threads", std::to_string(threads)}});
  std::unique_ptr<Scoring> scoring;
  Together(comm, [&] { scoring = ScoringOf(options, folder, corpus); });
  const SplitTest test{folder, &corpus, split, trained.get(), static_cast<int>(threads)};
  const Evaluation found = EvaluateSplit(comm, test);
  scoring->Score(comm, test);
  if (comm.rank() == 0) Print(options.Has("json"), test, found, *scoring);
  return ExitCode::kDone;
}

// The task whose reference the options name; null where a split of a corpus is evaluated.
const Task* TaskOfReference(const Options& options) {
  for (const Task& task : Tasks())
    if (task.reference != nullptr && options.Has(task.reference)) return &task;
  return nullptr;
}

// UsageError for an option that only acts on splits of corpora.
void RefuseOtherTasks(const Options& options, const Task& task) {
  for (const Task& other : Tasks()) {
    if (other.evaluate_rows == nullptr) continue;
    const OptionRow* const row = FirstForeign(options, other.evaluate_rows(), task.evaluate_rows());
    if (row == nullptr) continue;
    throw UsageError("evaluate: --{} is for corpora of kind {}; it does not go with --{}",
                     row->name(), KindsOf(row->name()), task.reference);
  }
}

// Collective.
ExitCode EvaluateNew(const Communicator& comm, const Options& options, const Task& task) {
  Index threads = 1;
  Together(comm, [&] {
    threads = ThreadsOf(options);
    RefuseOtherTasks(options, task);
  });
  RequireLaunch(comm, {.threads = threads});
  CheckSameOnAllRanks(comm, {{"threads", std::to_string(threads)}});
  return task.evaluate_new(comm, options);
}

}  // namespace

ExitCode EvaluateVerb(const Arguments& arguments) {
  const Options options("evaluate", Describe(), arguments);
  if (PrintsHelp(options, Usage(), Describe())) return ExitCode::kDone;
  return WithMpi([&](const Communicator& comm) {
    const Task* const task = TaskOfReference(options);
    return task == nullptr ? EvaluateRun(comm, options) : EvaluateNew(comm, options, *task);
  });
}

}  // namespace lockstep
