#include "launch/verbs/reported_run.h"

#include <fmt/chrono.h>

#include <algorithm>
#include <ctime>
#include <filesystem>

#include "base/error.h"
#include "base/json_text.h"
#include "base/log.h"
#include "launch/report/run_settings.h"
#include "launch/run/run_folder.h"
#include "launch/verbs/inspect_fields.h"
#include "launch/verbs/reported_sources.h"

namespace lockstep {
namespace {

// The arrays of the newest checkpoint that is whole; none if there is none yet.
std::vector<ReportedRun::Array> ArraysOf(const std::string& run_folder) {
  std::vector<ReportedRun::Array> arrays;
  try {
    const auto fields = InspectFields(Recognise(run_folder));
    if (!fields.contains("layers")) return arrays;
    for (const auto& layer : fields["layers"])
      arrays.push_back({layer["name"], JsonText(layer["shape"]), layer["parameters"]});
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

// Of a run that is done, all its steps, whether or not the last ones were logged.
std::string StepsText(const std::string& run_folder, const RunCurves& curves) {
  const auto end = ReadCompletionMark(run_folder);
  if (end && end->step >= 0) return std::to_string(end->step);
  return fmt::format("{:.0f}", curves.last_step);
}

void AddFacts(const std::string& run_folder, ReportedRun* run) {
  const RunCurves& curves = run->curves;
  const auto add = [run](const char* name, const std::string& value) {
    run->facts.emplace_back(name, value);
  };
  Index parameters = 0;
  for (const ReportedRun::Array& array : run->arrays) parameters += array.parameters;
  add("state", StateText(run_folder, curves));
  add("steps", StepsText(run_folder, curves));
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
  try {
    AddSources(corpus, run);
  } catch (const InputError& error) {  // settings that somebody changed by hand
    LogWarning("the report does not tell the sources of the data: {}", error.what());
  }
  for (const auto& [name, split] : corpus.splits)
    run->splits.push_back({name, split.sequences, split.steps, split.longest});
  const auto train = corpus.splits.find("train");
  if (train == corpus.splits.end() || corpus.classes().size() > kMostLabels) return;
  const std::vector<Index>& counts = train->second.label_counts;
  for (std::size_t c = 0; c < std::min(counts.size(), corpus.classes().size()); ++c)
    run->labels.emplace_back(corpus.classes()[c], counts[c]);
}

}  // namespace

RunCurves ReadCurves(const std::string& run_folder) {
  RunCurves curves = ReadRunCurves(run_folder);
  if (curves.unreadable_lines > 0) {
    LogWarning("{}/metrics.jsonl: {} lines cannot be read and are left out", run_folder,
               curves.unreadable_lines);
  }
  return curves;
}

ReportedRun LoadReportedRun(const std::string& run_folder) {
  ReportedRun run;
  run.curves = ReadCurves(run_folder);
  AddSettings(run_folder, &run);
  run.arrays = ArraysOf(run_folder);
  AddData(run_folder, &run);
  AddFacts(run_folder, &run);
  return run;
}

}  // namespace lockstep
