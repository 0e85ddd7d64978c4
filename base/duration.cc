#include "base/duration.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <string_view>

namespace lockstep {
namespace {

constexpr double kMostSeconds = 1e9;  // 31 years

// Removes a number from the front of the text and returns it; nothing if there is none that is at
// least 0.
std::optional<double> TakeNumber(std::string_view* text) {
  double value = 0;
  const char* const end = text->data() + text->size();
  const auto [rest, error] = std::from_chars(text->data(), end, value, std::chars_format::fixed);
  if (error != std::errc() || text->starts_with('-') || !(value <= kMostSeconds)) {
    return std::nullopt;
  }
  text->remove_prefix(static_cast<std::size_t>(rest - text->data()));
  return value;
}

double SecondsOfUnit(char unit) {
  switch (unit) {
    case 'd':
      return 86400;
    case 'h':
      return 3600;
    case 'm':
      return 60;
    case 's':
      return 1;
    default:
      return 0;
  }
}

// Reads the form "1h30m": each unit at most once, larger units first.
std::optional<double> SecondsOfUnits(std::string_view text) {
  double sum = 0, unit_before = kMostSeconds;
  while (!text.empty()) {
    const std::optional<double> number = TakeNumber(&text);
    const double unit = text.empty() ? 0 : SecondsOfUnit(text.front());
    if (!number || unit == 0 || unit >= unit_before) return std::nullopt;
    sum += *number * unit;
    unit_before = unit;
    text.remove_prefix(1);
  }
  return sum;
}

// Reads the forms "minutes:seconds" and "hours:minutes:seconds".
std::optional<double> SecondsOfClock(std::string_view text, double days) {
  double sum = 0;
  int fields = 0;
  while (true) {
    const std::optional<double> number = TakeNumber(&text);
    if (!number || ++fields > 3 || (fields > 1 && *number >= 60)) return std::nullopt;
    sum = sum * 60 + *number;
    if (text.empty()) break;
    if (text.front() != ':') return std::nullopt;
    text.remove_prefix(1);
  }
  const bool has_days = days >= 0;
  if (fields < (has_days ? 3 : 2)) return std::nullopt;
  return sum + (has_days ? days * SecondsOfUnit('d') : 0);
}

}  // namespace

std::optional<double> SecondsFromText(const std::string& text) {
  std::string_view rest = text;
  const std::optional<double> number = TakeNumber(&rest);
  if (!number || rest.empty()) return number;
  if (rest.front() == ':') return SecondsOfClock(text, -1);
  if (rest.front() == '-') return SecondsOfClock(rest.substr(1), *number);
  return SecondsOfUnits(text);
}

std::string DurationText(double seconds) {
  const auto total = static_cast<long>(std::max(0.0, seconds));
  if (total >= 3600) return fmt::format("{}h{:02}m", total / 3600, total / 60 % 60);
  if (total >= 60) return fmt::format("{}m{:02}s", total / 60, total % 60);
  return fmt::format("{}s", total);
}

}  // namespace lockstep
