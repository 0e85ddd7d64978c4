#include <algorithm>
#include <iostream>

#include "launch/frame/stored_path.h"
#include "launch/run/run_folder.h"
#include "launch/run/split_scores.h"
#include "launch/tasks/tasks.h"

namespace lockstep {
namespace {

constexpr const char* kUsage =
    "Applies a trained model to new data, or to a split of a corpus.\n"
    "  lockstep predict --run RUN --corpus CORPUS --split test --logits logits.h5\n";

constexpr OptionRow kRows[] = {
    {"run", "run folder that `lockstep train` made"},
    {"corpus", "corpus folder that has a split to apply the model to"},
    {"split", "split of the corpus that the model is applied to; default test"},
    {"out", "file to write predictions to; default: standard output, where they are text"},
    {"logits", "HDF5 file to write the scores of each sequence to, before softmax"},
    {"checkpoint",
     "checkpoint to use: best (lowest validation loss), newest, or a step; default best"},
    {"threads", "threads of the process; default 1"},
};

OptionTable Describe() {
  OptionTable table = {kRows};
  for (const Task& task : Tasks())
    if (task.predict_rows != nullptr) table.Add(task.predict_rows());
  return table;
}

void PrintUsage() {
  std::cout << kUsage;
  for (const Task& task : Tasks())
    if (task.predict_usage != nullptr) std::cout << task.predict_usage;
  std::cout << Describe();
}

// "--fasta, --audio, --text": the options that name new data.
std::string SourceNames() {
  std::string names;
  for (const Task& task : Tasks()) {
    if (task.source == nullptr) continue;
    names += (names.empty() ? "--" : ", --") + std::string(task.source);
  }
  return names;
}

// The task whose new data the options name; nullptr where they name a split of a corpus. Throws
// UsageError that lists all that is wrong with the options together.
const Task* SourceOf(const Options& options) {
  std::vector<std::string> problems;
  const auto refuse = [&](bool holds, const std::string& problem) {
    if (holds) problems.push_back(problem);
  };
  const auto is_given = [&](const Task& task) {
    return task.source != nullptr && options.Has(task.source);
  };
  const auto sources = std::ranges::count_if(Tasks(), is_given);
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

// An option of another task would have no effect.
void RefuseOtherTasks(const Options& options, const Task* task) {
  for (const Task& other : Tasks()) {
    if (&other == task || other.predict_rows == nullptr) continue;
    if (const OptionRow* const row = options.FirstGiven(other.predict_rows()))
      throw UsageError("predict: --{} goes with --{}", row->name, other.source);
  }
}

ExitCode PredictSplit(const Options& options, const CorpusInfo& corpus) {
  const Task* const task = TaskOf(corpus.kind);
  const bool has_more = task != nullptr && task->predict_split != nullptr;
  if (has_more && !options.Has("logits")) {
    RefuseOtherTasks(options, task);
    return task->predict_split(options, corpus);
  }
  if (!options.Has("logits")) {
    throw UsageError("predict: --corpus needs --logits, the HDF5 file to write");
  }
  RefuseOtherTasks(options, nullptr);
  if (options.Has("out")) {
    throw UsageError("predict: --out does not go with --corpus and --logits, which writes scores");
  }
  return WriteSplitScores(options, corpus);
}

}  // namespace

ExitCode PredictVerb(const Arguments& arguments) {
  const Options options("predict", Describe(), arguments);
  if (options.Has("help")) {
    PrintUsage();
    return ExitCode::kDone;
  }
  const Task* const source = SourceOf(options);
  RequireRunFolder(options.Text("run"));
  const CorpusInfo corpus = ReadRunCorpus(options.Text("run"));
  if (source == nullptr) return PredictSplit(options, corpus);
  RefuseOtherTasks(options, source);
  return source->predict(options, corpus);
}

}  // namespace lockstep
