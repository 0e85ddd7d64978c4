// What a check of the surroundings found: one line in plain words, and where something is amiss the
// command or setting that would be right.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "base/error.h"

namespace lockstep {

// A problem forbids training; a warning costs speed or safety; a note is good to know.
enum class Severity { kOk, kNote, kWarning, kProblem };

struct Finding {
  Severity severity = Severity::kOk;
  std::string topic;                // what was looked at: "launch", "files", ...
  std::string text;                 // what was found, with its figures
  std::string remedy;               // what to do; empty for ok
  ExitCode code = ExitCode::kDone;  // of a problem
};
using Findings = std::vector<Finding>;

// The finding is added behind the others.
void AddOk(Findings* findings, const std::string& topic, const std::string& text);
void AddNote(Findings* findings, const std::string& topic, const std::string& text,
             const std::string& remedy = "");
void AddWarning(Findings* findings, const std::string& topic, const std::string& text,
                const std::string& remedy);
void AddProblem(Findings* findings, const std::string& topic, ExitCode code,
                const std::string& text, const std::string& remedy);

// The code of the first problem; kDone without one.
ExitCode CodeOf(const Findings& findings);
// Problems, then warnings, notes and what is well; a line each, the remedy on one below it.
std::string ReportText(const Findings& findings, double seconds);
// The same for programs, in the same order.
nlohmann::ordered_json ReportJson(const Findings& findings, double seconds);

}  // namespace lockstep
