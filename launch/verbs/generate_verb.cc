#include <iostream>

#include "launch/frame/help.h"
#include "launch/frame/program.h"
#include "launch/run/run_folder.h"
#include "launch/run/trained_model.h"
#include "launch/start/launch_check.h"
#include "launch/tasks/tasks.h"
#include "worker/comm/together.h"

namespace lockstep {
namespace {

constexpr const char* kUsage =
    "Makes new sequences by a trained model, one step after another. The same seed gives the same\n"
    "bytes.\n";

constexpr OptionRow kRows[] = {
    {"run RUN", "run folder that `lockstep train` made"},
    {"out PATH",
     "folder for the files of what is made, which is made if it is not there; where that is text, "
     "a file for it, default: standard output. Files are not replaced"},
    {"prefix WHAT",
     "what each sequence begins with and goes on from: a MIDI file, or some text; default: "
     "nothing"},
    {"samples N", "number of sequences to make; default 1"},
    {"length N", "steps of each sequence, without what it begins with; default 128"},
    {"seed N", "seed of all draws; default 1"},
    {"temperature T",
     "how daring the draws are, 0 to 100: 1 (default) draws by the probabilities of the model, "
     "less "
     "prefers what is likely, 0 always takes the likeliest"},
};

// The tasks that can make something new.
std::vector<const Task*> Makers() {
  std::vector<const Task*> makers;
  for (const Task& task : Tasks())
    if (task.generate != nullptr) makers.push_back(&task);
  return makers;
}

OptionTable Describe() {
  OptionTable table = {kRows, CheckpointRows()};
  for (const Task* task : Makers())
    table.Add({fmt::format("With runs of kind {}", task->kind), task->generate_rows()});
  return table;
}

// Commands, also those of each task.
std::string Usage() {
  std::string usage = kUsage;
  for (const Task* task : Makers()) usage += task->generate_usage;
  return usage;
}

// The task of the run. UsageError if it makes nothing, and for an option of another task.
const Task& MakerOf(const Options& options, const CorpusInfo& corpus) {
  const Task* const task = TaskOf(corpus.kind);
  std::vector<std::string> kinds;
  for (const Task* maker : Makers()) {
    kinds.emplace_back(maker->kind);
    if (maker == task) continue;
    if (const OptionRow* const row = options.FirstGiven(maker->generate_rows()))
      throw UsageError("generate: --{} is for runs of kind {}", row->name(), maker->kind);
  }
  if (task != nullptr && task->generate != nullptr) return *task;
  throw UsageError(
      "generate: run {} was trained on a corpus of kind \"{}\", of which nothing new is made; "
      "kinds "
      "that can are: {}",
      options.Text("run"), corpus.kind, fmt::join(kinds, ", "));
}

ExitCode Generate(const Communicator& comm, const Options& options) {
  RequireLaunch(comm, {.threads = 1});
  const CorpusInfo corpus = ReadSharedRunCorpus(comm, options.Text("run"));
  const Task* task = nullptr;
  Together(comm, [&] { task = &MakerOf(options, corpus); });
  return task->generate(comm, options, corpus);
}

}  // namespace

ExitCode GenerateVerb(const Arguments& arguments) {
  const Options options("generate", Describe(), arguments);
  if (PrintsHelp(options, Usage(), Describe())) return ExitCode::kDone;
  options.Text("run");
  return WithMpi([&](const Communicator& comm) { return Generate(comm, options); });
}

}  // namespace lockstep
