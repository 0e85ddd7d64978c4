#include <algorithm>
#include <iostream>
#include <set>

#include "launch/config/agreement.h"
#include "launch/frame/program.h"
#include "launch/frame/usage.h"
#include "launch/run/run_folder.h"
#include "launch/run/split_scores.h"
#include "launch/run/trained_model.h"
#include "launch/start/launch_check.h"
#include "launch/tasks/tasks.h"
#include "worker/comm/together.h"

namespace lockstep {
namespace {

constexpr const char* kUsage =
    "Applies a trained model to new data, or to a split of a corpus; on any number of ranks and\n"
    "threads, with the same output to the byte.\n"
    "  lockstep predict --run RUN --corpus CORPUS --split test --logits logits.h5\n";

constexpr OptionRow kRows[] = {
    {"run RUN", "run folder that `lockstep train` made"},
    {"corpus CORPUS", "corpus folder that has a split to apply the model to"},
    {"split NAME", "split of the corpus that the model is applied to; default test"},
    {"out FILE", "file to write predictions to; default: standard output, where they are text"},
    {"logits FILE", "HDF5 file to write the scores of each sequence to, before softmax"},
    {"threads N", "threads of each rank that compute; default 1"},
};

OptionTable Describe() {
  OptionTable table = {kRows, CheckpointRows()};
  for (const Task& task : Tasks())
    if (task.predict_rows != nullptr)
      table.Add({fmt::format("With runs of kind {}", task.kind), task.predict_rows()});
  return table;
}

void PrintUsage() {
  std::cout << UsageText(kUsage);
  for (const Task& task : Tasks())
    if (task.predict_usage != nullptr) std::cout << UsageText(task.predict_usage);
  std::cout << Describe();
}

// "--fasta, --audio, --text": the options that name new data.
std::string SourceNames() {
  std::string names;
  for (const Task& task : Tasks()) {
    if (task.source == nullptr || names.find("--" + std::string(task.source)) != names.npos)
      continue;
    names += (names.empty() ? "--" : ", --") + std::string(task.source);
    for (const char* more : task.more_sources) names += ", --" + std::string(more);
  }
  return names;
}

// Whether the options name new data of a task.
bool IsGiven(const Options& options, const Task& task) {
  const auto has = [&](const char* name) { return options.Has(name); };
  return task.source != nullptr &&
         (has(task.source) || std::ranges::any_of(task.more_sources, has));
}

// The first task whose new data the options name; nullptr where they name a split of a corpus.
// Throws UsageError that lists all that is wrong with the options together.
const Task* SourceOf(const Options& options) {
  std::vector<std::string> problems;
  const auto refuse = [&](bool holds, const std::string& problem) {
    if (holds) problems.push_back(problem);
  };
  const auto is_given = [&](const Task& task) { return IsGiven(options, task); };
  std::set<std::string> names;  // several tasks may have the same
  for (const Task& task : Tasks())
    if (is_given(task)) names.insert(task.source);
  const auto sources = static_cast<Index>(names.size());
  const bool corpus = options.Has("corpus");
  refuse(!options.Has("run"), "--run is missing: the folder that train made");
  refuse(sources + corpus != 1,
         fmt::format("one of {} and --corpus says what to predict", SourceNames()));
  refuse(sources > 0 && options.Has("split"), "--split goes with --corpus");
  refuse(options.Has("logits") && options.Maybe("logits") == options.Maybe("out"),
         "--out and --logits name the same file");
  if (!problems.empty()) {
    throw UsageError("predict: {}; `lockstep predict --help` shows examples",
                     fmt::join(problems, "; "));
  }
  return sources == 0 ? nullptr : &*std::ranges::find_if(Tasks(), is_given);
}

// The task that new data is for: of those with the same option, that of the run.
const Task* TaskOfSource(const Options& options, const CorpusInfo& corpus, const Task* first) {
  const Task* const task = TaskOf(corpus.kind);
  return task != nullptr && IsGiven(options, *task) ? task : first;
}

// An option of another task would have no effect.
void RefuseOtherTasks(const Options& options, const Task* task) {
  const bool has_own = task != nullptr && task->predict_rows != nullptr;
  const auto own = has_own ? task->predict_rows() : std::span<const OptionRow>();
  for (const Task& other : Tasks()) {
    if (&other == task || other.predict_rows == nullptr) continue;
    if (const OptionRow* const row = FirstForeign(options, other.predict_rows(), own))
      throw UsageError("predict: --{} goes with --{}", row->name(), other.source);
  }
}

ExitCode PredictSplit(const Communicator& comm, const Options& options, const CorpusInfo& corpus) {
  const Task* const task = TaskOf(corpus.kind);
  const bool has_more = task != nullptr && task->predict_split != nullptr;
  const bool takes_more = has_more && !options.Has("logits");
  Together(comm, [&] {
    if (corpus.is_stream()) {
      throw UsageError(
          "predict: --corpus and --logits write the scores of each sequence, and the corpus of run "
          "{} (kind \"{}\") is one stream without an end; `lockstep evaluate` judges a split of "
          "it, "
          "and the options of its kind in `lockstep predict --help` new data",
          options.Text("run"), corpus.kind);
    }
    if (!takes_more && !options.Has("logits"))
      throw UsageError("predict: --corpus needs --logits, the HDF5 file to write");
    RefuseOtherTasks(options, takes_more ? task : nullptr);
    if (!takes_more && options.Has("out")) {
      throw UsageError(
          "predict: --out does not go with --corpus and --logits, which writes scores");
    }
  });
  return takes_more ? task->predict_split(comm, options, corpus)
                    : WriteSplitScores(comm, options, corpus);
}

ExitCode Predict(const Communicator& comm, const Options& options) {
  const Task* source = nullptr;
  Index threads = 1;
  Together(comm, [&] {
    source = SourceOf(options);
    threads = options.Number("threads", 1, 1);
  });
  RequireLaunch(comm, {.threads = threads});
  CheckSameOnAllRanks(comm, {{"--threads", std::to_string(threads)}});
  const CorpusInfo corpus = ReadSharedRunCorpus(comm, options.Text("run"));
  if (source == nullptr) return PredictSplit(comm, options, corpus);
  source = TaskOfSource(options, corpus, source);
  Together(comm, [&] { RefuseOtherTasks(options, source); });
  return source->predict(comm, options, corpus);
}

}  // namespace

ExitCode PredictVerb(const Arguments& arguments) {
  const Options options("predict", Describe(), arguments);
  if (options.Has("help")) {
    PrintUsage();
    return ExitCode::kDone;
  }
  return WithMpi([&](const Communicator& comm) { return Predict(comm, options); });
}

}  // namespace lockstep
