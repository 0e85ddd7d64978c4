// One line of metrics.jsonl, as those read it that draw curves of it. Files may be damaged or
// written by others, so nothing in a line is trusted.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/types.h"

namespace lockstep {

// Curves have no step beyond it: a single one would squeeze all others together.
inline constexpr double kFarthestStep = 1e15;

enum class MetricsKind { kRun, kStep, kValidation, kSkipped, kOther };

struct MetricsLine {
  MetricsKind kind = MetricsKind::kOther;
  double step = 0;     // kStep, kValidation, kSkipped: a whole number from 0 to kFarthestStep
  double seconds = 0;  // since 1970; NaN if the line names no time
  // kStep, kValidation: name and value of each figure but the step. Values may be NaN or infinite.
  std::vector<std::pair<std::string, double>> figures = {};
  bool skipped = false;  // the gradient of the step was not used
  bool clipped = false;  // the gradient of the step was scaled down
  bool best = false;     // the validation is the best so far
  // kRun, and lines of starts.jsonl.
  std::string time = {}, version = {}, isa = {};
  Index ranks = 0, threads = 0;
};

// Nothing if the text is no JSON object, or a step, validation or skipped step of no valid number.
// Figures whose names are not made of at most 64 lower-case letters, digits and underscores are
// left out: names go to terminals, tables and pages as they are.
std::optional<MetricsLine> ParseMetricsLine(std::string_view text);

// "2026-03-01T12:00:00Z" as seconds since 1970; NaN for any other text.
double SecondsOfTime(const std::string& time);

}  // namespace lockstep
