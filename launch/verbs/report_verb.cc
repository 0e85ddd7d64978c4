#include <algorithm>
#include <filesystem>
#include <iostream>

#include "base/durable_file.h"
#include "base/error.h"
#include "base/input_file.h"
#include "base/output_name.h"
#include "launch/frame/help.h"
#include "launch/frame/options.h"
#include "launch/output/cell_text.h"
#include "launch/output/part_file.h"
#include "launch/report/exports.h"
#include "launch/report/report_page.h"
#include "launch/start/launch_check.h"
#include "launch/verbs/report_events.h"
#include "launch/verbs/report_samples.h"
#include "launch/verbs/reported_run.h"

namespace lockstep {
namespace {

constexpr const char* kUsage =
    "Draws the curves of a run as one page that any browser shows, or gives them to other "
    "programs;\n"
    "also while the run goes on.\n"
    "  lockstep report RUN\n"
    "  lockstep report RUN --compare OTHER_RUN THIRD_RUN --out page.html\n"
    "  lockstep report RUN --events TENSORBOARD_FOLDER --out page.html\n"
    "  lockstep report RUN --csv metrics.csv --tensorboard events\n";

constexpr OptionRow kRows[] = {
    {"run RUN", "run folder that `lockstep train` made; the word --run may be left out"},
    {"compare RUN",
     "further run folders, whose curves are drawn beside those of the run; a table "
     "shows the keys of their configurations that differ",
     OptionKind::kWords},
    {"events FOLDER",
     "folders with event files of TensorBoard, such as those of a PyTorch program, or the files "
     "themselves: their scalars are drawn beside the curves of the run, and a table shows which "
     "curve each of them became",
     OptionKind::kWords},
    {"corpus CORPUS",
     "corpus folder with samples to show the model at work on (confusion matrix, attention, "
     "entities, spectrograms and so on, as the task has them); default: the one that the run was "
     "trained on, if it is still there"},
    {"split NAME", "split of the corpus that the samples are from; default valid"},
    {"no-samples", "leaves out what the model makes of samples", OptionKind::kSwitch},
    {"out FILE", "the page; default RUN/report.html. An older report is replaced, nothing else"},
    {"csv FILE", "writes all figures as a table of comma-separated values in place of the page"},
    {"tensorboard FOLDER",
     "writes all figures as an event file of TensorBoard in place of the page, in a folder of the "
     "run's name in FOLDER"},
};

constexpr const char* kOfThePage[] = {"out", "compare", "events", "corpus", "split", "no-samples"};

OptionTable Describe() { return {kRows}; }

// Only a report is replaced: the path may be that of a file of the user's.
void RequireReport(const std::string& path) {
  if (!IsTaken(path)) return;
  const std::string mark = kReportMark;
  const bool is_file = std::filesystem::is_regular_file(std::filesystem::symlink_status(path));
  if (is_file && FirstBytes(path, mark.size()) == mark) return;
  throw IoError(
      fmt::format("cannot write {}: it exists, and is no report; choose another --out", path),
      ExitCode::kCannotCreate);
}

void WritePage(const Options& options) {
  std::vector<std::string> folders = options.List("compare");
  folders.insert(folders.begin(), options.Text("run"));
  std::vector<ReportedRun> runs;
  for (const std::string& folder : folders) runs.push_back(LoadReportedRun(folder));
  ReportParts of_events;
  for (const std::string& folder : options.List("events")) AddEvents(folder, &runs, &of_events);
  const std::string path = options.Maybe("out").value_or(folders[0] + "/report.html");
  RequireReport(path);
  runs[0].parts = PartsOfSamples(options);
  std::ranges::move(of_events, std::back_inserter(runs[0].parts));
  ReplaceDurably(path, ReportPage(runs));
  std::cout << PathText(path) << "\n";
}

void WriteEvents(const RunCurves& run, const std::string& folder) {
  const std::string inner = folder + "/" + run.name;
  MakeFolder(inner);
  const std::string path = inner + "/events.out.tfevents.0000000000.lockstep";
  ReplaceDurably(path, CurvesAsEvents(run));
  std::cout << PathText(path) << "\n";
}

}  // namespace

ExitCode ReportVerb(const Arguments& arguments) {
  const Options options("report", Describe(), arguments, "run");
  if (PrintsHelp(options, kUsage, Describe())) return ExitCode::kDone;
  RequireOneProcess("report");
  const std::string run = options.Text("run");
  const bool exports = options.Has("csv") || options.Has("tensorboard");
  const auto is_given = [&](const char* name) { return options.Has(name); };
  if (exports && std::ranges::any_of(kOfThePage, is_given)) {
    throw UsageError(
        "report: --out, --compare, --events, --corpus, --split and --no-samples are for the page; "
        "leave out "
        "--csv and --tensorboard");
  }
  if (const auto path = options.Maybe("csv")) {
    { const PartFile can_be_made(*path); }
    WriteDurably(*path, CurvesAsCsv(ReadCurves(run)));
    std::cout << PathText(*path) << "\n";
  }
  if (const auto folder = options.Maybe("tensorboard")) WriteEvents(ReadCurves(run), *folder);
  if (!exports) WritePage(options);
  return ExitCode::kDone;
}

}  // namespace lockstep
