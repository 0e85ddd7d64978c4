// Spans of time as people and job scripts write them.
#pragma once

#include <optional>
#include <string>

namespace lockstep {

// Seconds of "90", "90s", "15m", "4h", "2d", "1h30m", "15:00" (minutes:seconds), "3:55:00" or
// "1-12:00:00" (days first). Nothing when the text is none of these.
std::optional<double> SecondsFromText(const std::string& text);

// "2h05m", "1m30s", "12s": whole seconds, rounded down; below 0 as 0.
std::string DurationText(double seconds);

}  // namespace lockstep
