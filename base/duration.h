// Reads and writes spans of time in the forms that people and job scripts use.
#pragma once

#include <optional>
#include <string>

namespace lockstep {

// The seconds of a text such as "90", "90s", "15m", "4h", "2d", "1h30m", "15:00" (minutes:seconds),
// "3:55:00" or "1-12:00:00" (days first). Nothing if the text has none of these forms.
std::optional<double> SecondsFromText(const std::string& text);

// A text such as "2h05m", "1m30s" or "12s". Seconds are rounded down; negative ones count as 0.
std::string DurationText(double seconds);

}  // namespace lockstep
