#include <cmath>
#include <filesystem>
#include <iostream>

#include "base/durable_file.h"
#include "base/error.h"
#include "base/input_file.h"
#include "launch/frame/options.h"
#include "launch/frame/usage.h"
#include "launch/report/exports.h"
#include "launch/report/report_page.h"
#include "launch/start/launch_check.h"
#include "launch/verbs/inspect_fields.h"

namespace lockstep {
namespace {

constexpr const char* kUsage =
    "Draws the curves of a run as one page that any browser shows, or gives them to other "
    "programs;\n"
    "also while the run goes on.\n"
    "  lockstep report --run RUN\n"
    "  lockstep report --run RUN --compare OTHER_RUN THIRD_RUN --out page.html\n"
    "  lockstep report --run RUN --csv metrics.csv --tensorboard events\n";

constexpr OptionRow kRows[] = {
    {"run RUN", "run folder that `lockstep train` made"},
    {"compare RUN",
     "further run folders, whose curves are drawn beside those of the run; a table "
     "shows the keys of their configurations that differ",
     OptionKind::kWords},
    {"out FILE", "the page; default RUN/report.html. An older report is replaced, nothing else"},
    {"csv FILE", "writes all figures as a table of comma-separated values in place of the page"},
    {"tensorboard FOLDER",
     "writes all figures as an event file of TensorBoard in place of the page, in a folder of the "
     "run's name in FOLDER"},
};

OptionTable Describe() { return {kRows}; }

// The arrays of the newest checkpoint that is whole; none if there is none yet.
std::vector<ReportedRun::Array> ArraysOf(const std::string& run_folder) {
  std::vector<ReportedRun::Array> arrays;
  try {
    const auto fields = InspectFields(Recognise(run_folder));
    if (!fields.contains("layers")) return arrays;
    for (const auto& layer : fields["layers"])
      arrays.push_back({layer["name"], layer["shape"].dump(), layer["parameters"]});
  } catch (const InputError&) {  // the report of a run that has only begun, or lost its checkpoints
  }
  return arrays;
}

std::string LastOf(const std::map<std::string, Curve>& curves, const std::string& name) {
  const auto found = curves.find(name);
  if (found == curves.end() || found->second.values.empty()) return "";
  return fmt::format("{:.6g}", found->second.values.back());
}

// "loss 1.23, accuracy 0.8" of the validation of a step.
std::string ValidationAt(const RunCurves& run, double step) {
  std::string text;
  for (const auto& [name, curve] : run.validation) {
    for (std::size_t i = 0; i < curve.steps.size(); ++i) {
      const bool is_shown = name != "labels" && name != "epoch" && name != "seconds";
      if (curve.steps[i] != step || !is_shown) continue;
      text += fmt::format("{}{} {:.5g}", text.empty() ? "" : ", ", name, curve.values[i]);
    }
  }
  return text;
}

ReportedRun Load(const std::string& run_folder) {
  ReportedRun run;
  run.curves = ReadRunCurves(run_folder);
  run.settings = ReadSettings(run_folder);
  run.arrays = ArraysOf(run_folder);
  Index parameters = 0;
  for (const ReportedRun::Array& array : run.arrays) parameters += array.parameters;
  const bool is_done = std::filesystem::exists(run_folder + "/done.json");
  run.facts.emplace_back("state", is_done ? "done" : "not done");
  run.facts.emplace_back("steps", fmt::format("{:.0f}", run.curves.last_step));
  run.facts.emplace_back("loss of the last logged step", LastOf(run.curves.training, "loss"));
  if (run.curves.best_step >= 0) {
    run.facts.emplace_back("best validation",
                           fmt::format("step {:.0f}: {}", run.curves.best_step,
                                       ValidationAt(run.curves, run.curves.best_step)));
  }
  if (parameters > 0) run.facts.emplace_back("parameters", std::to_string(parameters));
  run.facts.emplace_back("skipped steps that were logged",
                         std::to_string(run.curves.skipped.size()));
  if (run.curves.unreadable_lines > 0) {
    run.facts.emplace_back("lines of metrics.jsonl that could not be read",
                           std::to_string(run.curves.unreadable_lines));
  }
  return run;
}

// Only a report is replaced: the path may be that of a file of the user's.
void RequireReport(const std::string& path) {
  if (!std::filesystem::exists(std::filesystem::symlink_status(path))) return;
  const std::string mark = kReportMark;
  if (!std::filesystem::is_symlink(path) && FirstBytes(path, mark.size()) == mark) return;
  throw IoError(
      fmt::format("cannot write {}: it exists, and is no report; choose another --out", path),
      ExitCode::kCannotCreate);
}

void WritePage(const Options& options) {
  std::vector<std::string> folders = options.List("compare");
  folders.insert(folders.begin(), options.Text("run"));
  std::vector<ReportedRun> runs;
  for (const std::string& folder : folders) runs.push_back(Load(folder));
  const std::string path = options.Maybe("out").value_or(folders[0] + "/report.html");
  RequireReport(path);
  ReplaceDurably(path, ReportPage(runs));
  std::cout << path << "\n";
}

void WriteEvents(const RunCurves& run, const std::string& folder) {
  const std::string inner = folder + "/" + run.name;
  MakeFolder(inner);
  const std::string path = inner + "/events.out.tfevents.0000000000.lockstep";
  ReplaceDurably(path, CurvesAsEvents(run));
  std::cout << path << "\n";
}

}  // namespace

ExitCode ReportVerb(const Arguments& arguments) {
  const Options options("report", Describe(), arguments);
  if (options.Has("help")) {
    std::cout << UsageText(kUsage) << Describe();
    return ExitCode::kDone;
  }
  RequireOneProcess("report");
  const std::string run = options.Text("run");
  const bool exports = options.Has("csv") || options.Has("tensorboard");
  if (exports && (options.Has("out") || options.Has("compare"))) {
    throw UsageError(
        "report: --out and --compare are for the page; leave out --csv and --tensorboard");
  }
  if (const auto path = options.Maybe("csv")) {
    WriteDurably(*path, CurvesAsCsv(ReadRunCurves(run)));
    std::cout << *path << "\n";
  }
  if (const auto folder = options.Maybe("tensorboard")) WriteEvents(ReadRunCurves(run), *folder);
  if (!exports) WritePage(options);
  return ExitCode::kDone;
}

}  // namespace lockstep
