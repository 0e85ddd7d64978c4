// The results of checks of the environment. Each is one line in plain words; if something is wrong,
// it also names the command or setting that would be right.
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
  std::string topic;                // what was checked: "launch", "files", ...
  std::string text;                 // what was found, with numbers
  std::string remedy;               // what to do; empty for kOk
  ExitCode code = ExitCode::kDone;  // exit code of a problem
};
using Findings = std::vector<Finding>;

// These append a finding to the others.
void AddOk(Findings* findings, const std::string& topic, const std::string& text);
void AddNote(Findings* findings, const std::string& topic, const std::string& text,
             const std::string& remedy = "");
void AddWarning(Findings* findings, const std::string& topic, const std::string& text,
                const std::string& remedy);
void AddProblem(Findings* findings, const std::string& topic, ExitCode code,
                const std::string& text, const std::string& remedy);

// The exit code of the first problem; kDone if there is none.
ExitCode CodeOf(const Findings& findings);
// A report for people: problems first, then warnings, notes and what is fine. Each finding is one
// line, followed by a line with its remedy.
std::string ReportText(const Findings& findings, double seconds);
// The same report for programs, in the same order.
nlohmann::ordered_json ReportJson(const Findings& findings, double seconds);

}  // namespace lockstep
