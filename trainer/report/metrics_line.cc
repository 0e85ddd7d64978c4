#include "trainer/report/metrics_line.h"

#include <algorithm>
#include <cmath>
#include <ctime>
#include <limits>
#include <nlohmann/json.hpp>

#include "base/json_number.h"
#include "base/json_text.h"

namespace lockstep {
namespace {

using Json = nlohmann::json;

// A number, or one of the names that stand for numbers that are not finite.
std::optional<double> NumberOf(const Json& value) {
  if (value.is_number()) return value.get<double>();
  if (!value.is_string()) return std::nullopt;
  const auto& name = value.get_ref<const std::string&>();
  if (name == "nan") return std::numeric_limits<double>::quiet_NaN();
  if (name == "inf") return std::numeric_limits<double>::infinity();
  if (name == "-inf") return -std::numeric_limits<double>::infinity();
  return std::nullopt;
}

std::string TextOf(const Json& line, const char* key) {
  const auto found = line.find(key);
  return found != line.end() && found->is_string() ? found->get<std::string>() : "";
}

Index CountOf(const Json& line, const char* key) {
  const auto found = line.find(key);
  return found != line.end() && IsIndex(*found) ? found->get<Index>() : 0;
}

bool IsTrue(const Json& line, const char* key) {
  const auto found = line.find(key);
  return found != line.end() && found->is_boolean() && found->get<bool>();
}

MetricsKind KindOf(const std::string& name) {
  if (name == "run" || name == "start") return MetricsKind::kRun;
  if (name == "step") return MetricsKind::kStep;
  if (name == "validation") return MetricsKind::kValidation;
  return name == "skipped" ? MetricsKind::kSkipped : MetricsKind::kOther;
}

std::optional<double> StepOf(const Json& line) {
  const auto found = line.find("step");
  if (found == line.end() || !found->is_number()) return std::nullopt;
  const double step = found->get<double>();
  if (!(step >= 0 && step <= kFarthestStep) || step != std::floor(step)) return std::nullopt;
  return step;
}

bool IsFigureName(const std::string& name) {
  constexpr std::size_t kLongest = 64;
  return !name.empty() && name.size() <= kLongest && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  });
}

void AddFigures(const Json& line, MetricsLine* found) {
  for (const auto& [name, value] : line.items()) {
    if (name == "step" || !IsFigureName(name)) continue;
    if (const auto number = NumberOf(value)) found->figures.emplace_back(name, *number);
  }
}

}  // namespace

double SecondsOfTime(const std::string& time) {
  std::tm parts{};
  const char* const end = ::strptime(time.c_str(), "%Y-%m-%dT%H:%M:%SZ", &parts);
  if (end == nullptr || *end != '\0') return std::numeric_limits<double>::quiet_NaN();
  return static_cast<double>(::timegm(&parts));
}

std::optional<MetricsLine> ParseMetricsLine(std::string_view text) {
  const Json line = ParseJsonOrDiscard(text);
  if (!line.is_object()) return std::nullopt;
  MetricsLine found;
  found.kind = KindOf(TextOf(line, "kind"));
  found.time = TextOf(line, "time");
  found.seconds = SecondsOfTime(found.time);
  const std::optional<double> step = StepOf(line);
  found.step = step.value_or(0);
  switch (found.kind) {
    case MetricsKind::kOther:
      return found;
    case MetricsKind::kRun:
      found.version = TextOf(line, "version");
      found.isa = TextOf(line, "isa");
      found.ranks = CountOf(line, "ranks");
      found.threads = CountOf(line, "threads");
      return found;
    case MetricsKind::kSkipped:
      found.skipped = true;
      break;
    case MetricsKind::kStep:
    case MetricsKind::kValidation:
      found.skipped = IsTrue(line, "skipped");
      found.clipped = IsTrue(line, "clipped");
      found.best = IsTrue(line, "best");
      AddFigures(line, &found);
  }
  if (!step) return std::nullopt;
  return found;
}

}  // namespace lockstep
