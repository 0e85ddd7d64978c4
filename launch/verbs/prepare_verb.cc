#include <algorithm>
#include <iostream>

#include "launch/start/launch_check.h"
#include "launch/tasks/tasks.h"

namespace lockstep {
namespace {

// Kinds in the form of HelpTable (launch/frame/help.h).
void PrintTable() {
  for (const Task& task : Tasks())
    std::cout << fmt::format("Kinds\t{}\t\t{}\n", task.kind, task.summary);
}

bool AsksForHelp(const std::string& word) {
  return word == "-h" || word == "--help" || word == "--help-all" || word == "--help-table";
}

void PrintUsage() {
  std::cout << "Makes a corpus of shards from the files of a field.\n  lockstep prepare KIND "
               "--help\nKinds:\n";
  for (const Task& task : Tasks())
    std::cout << fmt::format("  {:<8} {}\n", task.kind, task.summary);
}

std::string KindNames() {
  std::string names;
  for (const Task& task : Tasks()) names += (names.empty() ? "" : ", ") + std::string(task.kind);
  return names;
}

}  // namespace

ExitCode PrepareVerb(const Arguments& arguments) {
  if (arguments.empty() || AsksForHelp(arguments[0])) {
    !arguments.empty() && arguments[0] == "--help-table" ? PrintTable() : PrintUsage();
    return arguments.empty() ? ExitCode::kUsage : ExitCode::kDone;
  }
  if (const Task* const task = TaskOf(arguments[0])) {
    const bool asks_for_help = std::ranges::any_of(arguments, AsksForHelp);
    if (!task->prepares_on_ranks && !asks_for_help) RequireOneProcess("prepare " + arguments[0]);
    return task->prepare({arguments.begin() + 1, arguments.end()});
  }
  throw UsageError(
      "prepare {}: unknown kind of corpus; there are {}; `lockstep prepare --help` lists them",
      arguments[0], KindNames());
}

}  // namespace lockstep
