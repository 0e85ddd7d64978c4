#include <iostream>

#include "launch/frame/help.h"
#include "launch/frame/options.h"
#include "launch/frame/stored_path.h"
#include "launch/start/launch_check.h"
#include "launch/verbs/verify_corpus.h"
#include "launch/verbs/verify_run.h"

namespace lockstep {
namespace {

constexpr const char* kUsage =
    "Checks every byte; prints a line a file: ok, or what is wrong.\n"
    "Ends with 0 when all is well, 65 when something is damaged, 66 when something is missing.\n"
    "  lockstep verify CORPUS\n"
    "  lockstep verify RUN\n";

constexpr OptionRow kRows[] = {
    {"path PATH",
     "corpus folder, shard, checkpoint or run folder; the word --path may be left out"},
};

OptionTable Describe() { return {kRows}; }

void Verify(const StoredPath& path, VerifyReport* report) {
  switch (path.kind) {
    case StoredKind::kCorpus:
      return VerifyCorpus(path.folder, report);
    case StoredKind::kShard:
      return VerifyShardFile(path, report);
    case StoredKind::kCheckpoint:
      return VerifyCheckpointFile(path.full(), report);
    case StoredKind::kRun:
      return VerifyRun(path.folder, report);
  }
}

}  // namespace

ExitCode VerifyVerb(const Arguments& arguments) {
  const Options options("verify", Describe(), arguments, "path");
  if (PrintsHelp(options, kUsage, Describe())) return ExitCode::kDone;
  RequireOneProcess("verify");
  VerifyReport report;
  Verify(Recognise(options.Text("path")), &report);
  return report.code();
}

}  // namespace lockstep
