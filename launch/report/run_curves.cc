#include "launch/report/run_curves.h"

#include <cmath>
#include <ctime>
#include <filesystem>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/error.h"
#include "base/line_reader.h"

namespace lockstep {
namespace {

using Json = nlohmann::json;

// "2026-03-01T12:00:00Z" as seconds since 1970; NaN for any other text.
double SecondsOf(const std::string& time) {
  std::tm parts{};
  const char* const end = ::strptime(time.c_str(), "%Y-%m-%dT%H:%M:%SZ", &parts);
  if (end == nullptr || *end != '\0') return std::numeric_limits<double>::quiet_NaN();
  return static_cast<double>(::timegm(&parts));
}

// A number, or one of the names that stand for numbers that are not finite.
std::optional<double> NumberOf(const Json& value) {
  if (value.is_number()) return value.get<double>();
  if (value == "nan") return std::numeric_limits<double>::quiet_NaN();
  if (value == "inf") return std::numeric_limits<double>::infinity();
  if (value == "-inf") return -std::numeric_limits<double>::infinity();
  return std::nullopt;
}

std::string TextOf(const Json& line, const char* key) {
  const auto found = line.find(key);
  return found != line.end() && found->is_string() ? found->get<std::string>() : "";
}

Index CountOf(const Json& line, const char* key) {
  const auto found = line.find(key);
  return found != line.end() && found->is_number_integer() ? found->get<Index>() : 0;
}

bool IsTrue(const Json& line, const char* key) {
  const auto found = line.find(key);
  return found != line.end() && found->is_boolean() && found->get<bool>();
}

// Adds the numbers of a line to the curves of their names.
void AddFigures(const Json& line, double step, std::map<std::string, Curve>* curves) {
  const double seconds = SecondsOf(TextOf(line, "time"));
  for (const auto& [name, value] : line.items()) {
    const auto number = name == "step" ? std::nullopt : NumberOf(value);
    if (!number) continue;
    Curve& curve = (*curves)[name];
    curve.steps.push_back(step);
    curve.values.push_back(*number);
    curve.seconds.push_back(seconds);
  }
}

void AddLine(const Json& line, RunCurves* run) {
  const std::string kind = TextOf(line, "kind");
  if (kind == "run") {
    run->starts.push_back({static_cast<Index>(run->last_step), TextOf(line, "time"),
                           TextOf(line, "version"), TextOf(line, "isa"), CountOf(line, "ranks"),
                           CountOf(line, "threads")});
  }
  if (kind != "step" && kind != "validation") return;
  constexpr double kMostSteps = 1e15;
  const auto step = line.contains("step") ? NumberOf(line["step"]) : std::nullopt;
  if (!step || !(std::abs(*step) < kMostSteps)) return;
  run->last_step = std::max(run->last_step, *step);
  AddFigures(line, *step, kind == "step" ? &run->training : &run->validation);
  if (IsTrue(line, "skipped")) run->skipped.push_back(*step);
  if (IsTrue(line, "best")) run->best_step = *step;
}

std::string NameOf(const std::string& run_folder) {
  const auto given = std::filesystem::path(run_folder + "/").parent_path();
  const bool names_itself = given.filename() != "." && given.filename() != "..";
  const auto path = names_itself ? given : std::filesystem::weakly_canonical(given);
  return path.filename().empty() ? path.string() : path.filename().string();
}

}  // namespace

RunCurves ReadRunCurves(const std::string& run_folder) {
  const std::string path = run_folder + "/metrics.jsonl";
  if (!std::filesystem::exists(path)) {
    throw MissingInput(
        "cannot report run {}: it has no metrics.jsonl; give a folder that train made", run_folder);
  }
  RunCurves run;
  run.name = NameOf(run_folder);
  LineReader lines(path, AnyBytes{});
  for (std::string_view text; lines.Next(&text);) {
    const Json line = Json::parse(text, nullptr, false);
    if (line.is_object()) {
      AddLine(line, &run);
    } else {
      ++run.unreadable_lines;
    }
  }
  return run;
}

}  // namespace lockstep
