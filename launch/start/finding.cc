#include "launch/start/finding.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "base/types.h"

namespace lockstep {
namespace {

constexpr std::array<const char*, 4> kSeverities = {"ok", "note", "warning", "problem"};

std::string NameOf(Severity severity) { return kSeverities[static_cast<std::size_t>(severity)]; }

// Sorts findings by severity, the worst first, and within a severity by the order of the checks.
Findings Ordered(Findings findings) {
  std::ranges::stable_sort(findings, std::ranges::greater{}, &Finding::severity);
  return findings;
}

Index Count(const Findings& findings, Severity severity) {
  return std::ranges::count(findings, severity, &Finding::severity);
}

std::string Verdict(const Findings& findings, double seconds) {
  const Index problems = Count(findings, Severity::kProblem);
  const Index warnings = Count(findings, Severity::kWarning);
  const std::string counts =
      fmt::format("{} problem{}, {} warning{}, {:.1f} s", problems, problems == 1 ? "" : "s",
                  warnings, warnings == 1 ? "" : "s", seconds);
  if (problems == 0) return fmt::format("nothing here forbids training: {}\n", counts);
  return fmt::format("do not train yet: {}; exit code {}\n", counts,
                     static_cast<int>(CodeOf(findings)));
}

}  // namespace

void AddOk(Findings* findings, const std::string& topic, const std::string& text) {
  findings->push_back({Severity::kOk, topic, text, "", ExitCode::kDone});
}

void AddNote(Findings* findings, const std::string& topic, const std::string& text,
             const std::string& remedy) {
  findings->push_back({Severity::kNote, topic, text, remedy, ExitCode::kDone});
}

void AddWarning(Findings* findings, const std::string& topic, const std::string& text,
                const std::string& remedy) {
  findings->push_back({Severity::kWarning, topic, text, remedy, ExitCode::kDone});
}

void AddProblem(Findings* findings, const std::string& topic, ExitCode code,
                const std::string& text, const std::string& remedy) {
  findings->push_back({Severity::kProblem, topic, text, remedy, code});
}

ExitCode CodeOf(const Findings& findings) {
  const auto problem = std::ranges::find(findings, Severity::kProblem, &Finding::severity);
  return problem == findings.end() ? ExitCode::kDone : problem->code;
}

std::string ReportText(const Findings& findings, double seconds) {
  std::string text;
  for (const Finding& finding : Ordered(findings)) {
    text += fmt::format("{:<8} {:<10} {}\n", NameOf(finding.severity), finding.topic, finding.text);
    if (!finding.remedy.empty()) text += fmt::format("{:>19} -> {}\n", "", finding.remedy);
  }
  return text + Verdict(findings, seconds);
}

nlohmann::ordered_json ReportJson(const Findings& findings, double seconds) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const Finding& finding : Ordered(findings)) {
    list.push_back({{"severity", NameOf(finding.severity)},
                    {"topic", finding.topic},
                    {"text", finding.text},
                    {"remedy", finding.remedy}});
  }
  return {{"exit_code", static_cast<int>(CodeOf(findings))},
          {"seconds", seconds},
          {"findings", std::move(list)}};
}

}  // namespace lockstep
