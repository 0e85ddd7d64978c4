#include <algorithm>
#include <iostream>
#include <set>

#include "launch/config/agreement.h"
#include "launch/frame/help.h"
#include "launch/frame/program.h"
#include "launch/run/run_folder.h"
#include "launch/run/split_scores.h"
#include "launch/run/thread_count.h"
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

bool HasRow(std::span<const OptionRow> rows, const std::string& name) {
  return std::ranges::any_of(rows, [&](const OptionRow& row) { return row.name() == name; });
}

bool PredictsWith(const Task* task, const std::string& option) {
  return task != nullptr && task->predict_rows != nullptr && HasRow(task->predict_rows(), option);
}

// An option that several tasks have, such as --fasta, is listed with the first of them.
OptionTable Describe() {
  OptionTable table = {kRows, CheckpointRows()};
  for (const Task& task : Tasks()) {
    if (task.predict_rows == nullptr) continue;
    const std::vector<OptionRow> listed = table.rows();
    std::vector<OptionRow> rows;
    for (const OptionRow& row : task.predict_rows())
      if (!HasRow(listed, row.name())) rows.push_back(row);
    table.Add({fmt::format("With runs of kind {}", task.kind), rows});
  }
  return table;
}

// Commands, also those of each task.
std::string Usage() {
  std::string usage = kUsage;
  for (const Task& task : Tasks())
    if (task.predict_usage != nullptr) usage += task.predict_usage;
  return usage;
}

// "--fasta, --audio, --text": the options that name new data.
std::string SourceNames() {
  std::vector<std::string> names;
  const auto add = [&names](const std::string& name) {
    if (std::ranges::find(names, name) == names.end()) names.push_back(name);
  };
  for (const Task& task : Tasks()) {
    if (task.source == nullptr) continue;
    add(fmt::format("--{}", task.source));
    for (const char* more : task.more_sources) add(fmt::format("--{}", more));
  }
  return fmt::format("{}", fmt::join(names, ", "));
}

// "--text and --corpus": the options that name what to predict, of those that were given.
std::string GivenSources(const Options& options) {
  std::set<std::string> given;
  const auto look = [&](const std::string& name) {
    if (options.Has(name)) given.insert("--" + name);
  };
  look("corpus");
  for (const Task& task : Tasks()) {
    if (task.source == nullptr) continue;
    look(task.source);
    for (const char* more : task.more_sources) look(more);
  }
  return fmt::format("{}", fmt::join(given, " and "));
}

// The option Task::source of those tasks whose new data the options name; empty where they name a
// split of a corpus. Throws UsageError that lists all that is wrong with the options together.
std::string SourceOf(const Options& options) {
  std::vector<std::string> problems;
  const auto refuse = [&](bool holds, const std::string& problem) {
    if (holds) problems.push_back(problem);
  };
  const auto has = [&](const char* name) { return options.Has(name); };
  std::set<std::string> sources;
  for (const Task& task : Tasks()) {
    if (task.source == nullptr) continue;
    if (has(task.source) || std::ranges::any_of(task.more_sources, has))
      sources.insert(task.source);
  }
  const std::size_t corpora = options.Has("corpus") ? 1 : 0;
  refuse(!options.Has("run"), "--run is missing: the folder that train made");
  refuse(sources.size() + corpora == 0,
         fmt::format("one of {} and --corpus says what to predict", SourceNames()));
  refuse(sources.size() + corpora > 1,
         fmt::format("{} exclude each other: each says what to predict", GivenSources(options)));
  refuse(!sources.empty() && options.Has("split"), "--split goes with --corpus");
  refuse(options.Has("logits") && options.Maybe("logits") == options.Maybe("out"),
         "--out and --logits name the same file");
  if (!problems.empty()) {
    throw UsageError("predict: {}; `lockstep predict --help` shows examples",
                     fmt::join(problems, "; "));
  }
  return sources.empty() ? "" : *sources.begin();
}

// The task that reads this option: that of the run's kind if it does, else the first that does,
// which says what is wrong with the run.
const Task* TaskOfSource(const std::string& source, const std::string& kind) {
  const auto reads = [&](const Task& t) { return t.source != nullptr && t.source == source; };
  const Task* const own = TaskOf(kind);
  if (own != nullptr && reads(*own)) return own;
  return &*std::ranges::find_if(Tasks(), reads);
}

// "--text and a run of kind A, or with --fasta and a run of kind B": what an option of some tasks
// goes with.
std::string PartnersOf(const std::string& option) {
  std::vector<std::string> partners;
  for (const Task& task : Tasks()) {
    if (task.source != nullptr && PredictsWith(&task, option))
      partners.push_back(fmt::format("--{} and a run of kind {}", task.source, task.kind));
  }
  return fmt::format("{}", fmt::join(partners, ", or with "));
}

// An option of another task would have no effect.
void RefuseOtherTasks(const Options& options, const Task* task) {
  for (const Task& other : Tasks()) {
    if (&other == task || other.predict_rows == nullptr) continue;
    for (const OptionRow& row : other.predict_rows()) {
      if (!options.Has(row.name()) || PredictsWith(task, row.name())) continue;
      throw UsageError("predict: --{} goes with {}", row.name(), PartnersOf(row.name()));
    }
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
  std::string source;
  Index threads = 1;
  Together(comm, [&] {
    source = SourceOf(options);
    threads = ThreadsOf(options);
  });
  RequireLaunch(comm, {.threads = threads});
  CheckSameOnAllRanks(comm, {{"--threads", std::to_string(threads)}});
  const CorpusInfo corpus = ReadSharedRunCorpus(comm, options.Text("run"));
  if (source.empty()) return PredictSplit(comm, options, corpus);
  const Task* const task = TaskOfSource(source, corpus.kind);
  Together(comm, [&] { RefuseOtherTasks(options, task); });
  return task->predict(comm, options, corpus);
}

}  // namespace

ExitCode PredictVerb(const Arguments& arguments) {
  const Options options("predict", Describe(), arguments);
  if (PrintsHelp(options, Usage(), Describe())) return ExitCode::kDone;
  return WithMpi([&](const Communicator& comm) { return Predict(comm, options); });
}

}  // namespace lockstep
