#include <iostream>

#include "launch/frame/options.h"
#include "launch/tasks/tasks.h"

namespace lockstep {
namespace {

void PrintUsage() {
  std::cout << "Makes a corpus of shards from the files of a field.\n  lockstep prepare KIND "
               "--help\nKinds:\n";
  for (const Importer& importer : Importers()) {
    std::cout << fmt::format("  {:<8} {}\n", importer.kind, importer.summary);
  }
}

std::string KindNames() {
  std::string names;
  for (const Importer& importer : Importers())
    names += (names.empty() ? "" : ", ") + std::string(importer.kind);
  return names;
}

}  // namespace

ExitCode PrepareVerb(const Arguments& arguments) {
  if (arguments.empty() || arguments[0] == "--help") {
    PrintUsage();
    return arguments.empty() ? ExitCode::kUsage : ExitCode::kDone;
  }
  for (const Importer& importer : Importers()) {
    if (arguments[0] == importer.kind)
      return importer.prepare({arguments.begin() + 1, arguments.end()});
  }
  throw UsageError(
      "prepare {}: unknown kind of corpus; there are {}; `lockstep prepare --help` lists them",
      arguments[0], KindNames());
}

}  // namespace lockstep
