#include <fmt/chrono.h>

#include <algorithm>
#include <cmath>
#include <ctime>
#include <filesystem>
#include <iostream>
#include <map>

#include "base/durable_file.h"
#include "base/error.h"
#include "base/input_file.h"
#include "base/log.h"
#include "base/output_name.h"
#include "checkpoint/checkpoint_folder.h"
#include "data/corpus/joined_corpus.h"
#include "launch/config/agreement.h"
#include "launch/frame/help.h"
#include "launch/frame/options.h"
#include "launch/output/cell_text.h"
#include "launch/output/part_file.h"
#include "launch/output/svg_text.h"
#include "launch/report/event_curves.h"
#include "launch/report/exports.h"
#include "launch/report/report_page.h"
#include "launch/report/run_settings.h"
#include "launch/run/corpus_fit.h"
#include "launch/run/label_parts.h"
#include "launch/run/run_folder.h"
#include "launch/start/launch_check.h"
#include "launch/tasks/tasks.h"
#include "launch/verbs/inspect_fields.h"
#include "trainer/save/checkpoint_average.h"

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

bool HasCheckpoint(const std::string& run_folder) {
  const std::string folder = run_folder + "/checkpoints";
  return std::filesystem::exists(folder) &&
         (!ListCheckpoints(folder).empty() || std::filesystem::exists(AveragePath(folder)));
}

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

// How a run stands, by its files.
std::string StateText(const std::string& run_folder, const RunCurves& curves) {
  if (std::filesystem::exists(run_folder + "/done.json")) return "done";
  if (curves.last_seconds == 0) return "not done";
  return "not done; last line of metrics.jsonl: " +
         fmt::format("{:%F %T} UTC", fmt::gmtime(static_cast<std::time_t>(curves.last_seconds)));
}

void AddFacts(const std::string& run_folder, ReportedRun* run) {
  const RunCurves& curves = run->curves;
  const auto add = [run](const char* name, const std::string& value) {
    run->facts.emplace_back(name, value);
  };
  Index parameters = 0;
  for (const ReportedRun::Array& array : run->arrays) parameters += array.parameters;
  add("state", StateText(run_folder, curves));
  add("steps", fmt::format("{:.0f}", curves.last_step));
  add("loss of the last logged step", LastOf(curves.training, "loss"));
  if (curves.best_step >= 0) {
    add("best validation",
        fmt::format("step {:.0f}: {}", curves.best_step, ValidationAt(curves, curves.best_step)));
  }
  if (parameters > 0) add("parameters", std::to_string(parameters));
  add("skipped steps", std::to_string(curves.skipped.size()));
  if (curves.unreadable_lines > 0)
    add("lines of metrics.jsonl that could not be read", std::to_string(curves.unreadable_lines));
}

// By config.toml, which is written before the first step.
void AddSettings(const std::string& run_folder, ReportedRun* run) {
  std::string problem;
  for (const TomlSetting& setting : ReadRunSettings(run_folder, &problem))
    run->settings[setting.key] = {setting.value, setting.comment};
  if (!problem.empty()) LogWarning("the report has no configuration: {}", problem);
}

// What the copy of corpus.json in the run folder says of the data; nothing if it is not there.
void AddData(const std::string& run_folder, ReportedRun* run) {
  constexpr std::size_t kMostLabels = 40;
  if (!std::filesystem::exists(run_folder + "/" + kCorpusIndexName)) return;
  CorpusInfo corpus;
  try {
    corpus = ReadRunCorpus(run_folder);
  } catch (const InputError& error) {
    return LogWarning("the report does not describe the data: {}", error.what());
  }
  run->unit = corpus.schema.unit;
  for (const auto& [name, split] : corpus.splits)
    run->splits.push_back({name, split.sequences, split.steps, split.longest});
  const auto train = corpus.splits.find("train");
  if (train == corpus.splits.end() || corpus.classes().size() > kMostLabels) return;
  const std::vector<Index>& counts = train->second.label_counts;
  for (std::size_t c = 0; c < std::min(counts.size(), corpus.classes().size()); ++c)
    run->labels.emplace_back(corpus.classes()[c], counts[c]);
}

RunCurves ReadCurves(const std::string& run_folder) {
  RunCurves curves = ReadRunCurves(run_folder);
  if (curves.unreadable_lines > 0) {
    LogWarning("{}/metrics.jsonl: {} lines cannot be read and are left out", run_folder,
               curves.unreadable_lines);
  }
  return curves;
}

ReportedRun Load(const std::string& run_folder) {
  ReportedRun run;
  run.curves = ReadCurves(run_folder);
  AddSettings(run_folder, &run);
  run.arrays = ArraysOf(run_folder);
  AddData(run_folder, &run);
  AddFacts(run_folder, &run);
  return run;
}

struct SampleFolder {
  std::string path;     // empty where there is none
  std::string problem;  // then why
};

// --corpus, or the corpus that the run was last started with if that is what the run was trained
// on.
SampleFolder FindSamples(const Options& options, const std::string& run_folder,
                         const CorpusInfo& of_run) {
  if (const auto folder = options.Maybe("corpus")) return {*folder, ""};
  const std::string folder = CorpusOfLastStart(run_folder);
  if (folder.empty()) return {"", "The run folder does not say where its corpus is."};
  if (!std::filesystem::exists(folder + "/" + kCorpusIndexName))
    return {"", fmt::format("The corpus {} that the run was trained on is not there.", folder)};
  try {
    if (ReadCorpusInfo(folder).hash == HashesOf(of_run).front()) return {folder, ""};
  } catch (const InputError&) {  // another thing has this name by now
  }
  return {"", folder + " is no longer the corpus that the run was trained on."};
}

// Collective of one process. What the model makes of samples; nothing before the first checkpoint.
ReportParts PartsOf(const Communicator& comm, const Options& options) {
  const std::string run_folder = options.Text("run");
  if (options.Has("no-samples") || !HasCheckpoint(run_folder)) return {};
  SplitTest test;
  test.split = options.Maybe("split").value_or("valid");
  CorpusInfo corpus = ReadRunCorpus(run_folder);
  const SampleFolder samples = FindSamples(options, run_folder, corpus);
  test.folder = samples.path;
  if (!test.folder.empty()) {
    CorpusInfo given = ReadCorpusInfo(test.folder);
    CheckSameFields(run_folder, corpus, test.folder, given);
    corpus = std::move(given);
    corpus.Split(test.split);
  }
  CompleteSchema(&corpus);
  const auto trained = LoadTrainedModel(comm, run_folder, corpus, {});
  SelectInstructions(comm, trained->config.run(), trained->state.isa);
  test.corpus = &corpus;
  test.trained = trained.get();
  const Task* const task = TaskOf(corpus.kind);
  ReportParts parts = task != nullptr && task->report_parts != nullptr
                          ? task->report_parts(comm, test)
                          : MakeLabelParts(comm, test);
  if (!samples.problem.empty()) {
    parts.push_back({"Samples", fmt::format("<p>There are none. {} --corpus FOLDER takes those of "
                                            "another place.</p>\n",
                                            XmlText(samples.problem))});
  }
  return parts;
}

// A model that cannot be shown must not cost the curves, unless the user has asked for samples.
ReportParts PartsOrReason(const Options& options) {
  try {
    return PartsOf(Communicator::Single(), options);
  } catch (const Error& error) {
    if (options.Has("corpus") || options.Has("split")) throw;
    return {
        {"Samples", fmt::format("<p>They could not be shown: {}</p>\n", XmlText(error.what()))}};
  }
}

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

// A table of the scalars, and what could not be read of their files.
ReportPart PartOfEvents(const std::string& path, const EventScalars& scalars) {
  std::string html =
      "<div class=\"wide\"><table>\n<tr><th>scalar</th><th>drawn as</th><th>values</th>"
      "<th>last</th></tr>\n";
  const std::map<std::string, std::string> drawn_as = DrawnAs(scalars);
  for (const auto& [tag, curve] : scalars.by_tag) {
    html += fmt::format("<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>\n", XmlText(tag),
                        XmlText(drawn_as.at(tag)), curve.values.size(),
                        curve.values.empty() ? "" : fmt::format("{:.6g}", curve.values.back()));
  }
  html += "</table></div>\n";
  for (const std::string& problem : scalars.problems)
    html += fmt::format("<p>{}</p>\n", XmlText(problem));
  if (scalars.unreadable_records > 0)
    html +=
        fmt::format("<p>{} damaged records were passed over.</p>\n", scalars.unreadable_records);
  if (scalars.left_out_values > 0)
    html += fmt::format("<p>{} values are too many and left out.</p>\n", scalars.left_out_values);
  return {"Scalars of " + path, html};
}

void AddEvents(const std::string& path, std::vector<ReportedRun>* runs, ReportParts* parts) {
  const EventScalars scalars = ReadEvents(path);
  for (const std::string& problem : scalars.problems) LogWarning("{}", problem);
  if (scalars.by_tag.empty()) {
    throw BadData("{}: there are no scalars in it; give the folder of the event files of one run",
                  path);
  }
  parts->push_back(PartOfEvents(path, scalars));
  ReportedRun run;
  run.curves = CurvesOfEvents(scalars, NameOfFolder(path));
  runs->push_back(std::move(run));
}

void WritePage(const Options& options) {
  std::vector<std::string> folders = options.List("compare");
  folders.insert(folders.begin(), options.Text("run"));
  std::vector<ReportedRun> runs;
  for (const std::string& folder : folders) runs.push_back(Load(folder));
  ReportParts of_events;
  for (const std::string& folder : options.List("events")) AddEvents(folder, &runs, &of_events);
  const std::string path = options.Maybe("out").value_or(folders[0] + "/report.html");
  RequireReport(path);
  runs[0].parts = PartsOrReason(options);
  std::ranges::move(of_events, std::back_inserter(runs[0].parts));
  ReplaceDurably(path, ReportPage(runs));
  std::cout << CellText(path) << "\n";
}

void WriteEvents(const RunCurves& run, const std::string& folder) {
  const std::string inner = folder + "/" + run.name;
  MakeFolder(inner);
  const std::string path = inner + "/events.out.tfevents.0000000000.lockstep";
  ReplaceDurably(path, CurvesAsEvents(run));
  std::cout << CellText(path) << "\n";
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
    std::cout << *path << "\n";
  }
  if (const auto folder = options.Maybe("tensorboard")) WriteEvents(ReadCurves(run), *folder);
  if (!exports) WritePage(options);
  return ExitCode::kDone;
}

}  // namespace lockstep
