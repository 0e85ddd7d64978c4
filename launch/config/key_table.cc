#include "launch/config/key_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <type_traits>

#include "base/closest_name.h"
#include "base/duration.h"
#include "base/error.h"
#include "base/text.h"

namespace lockstep {
namespace {

// The number next to 0, and the one next to 1, stand for bounds that are not allowed themselves.
template <typename Number>
std::string LowestText(Number lowest) {
  if (!std::is_integral_v<Number> && lowest == std::numeric_limits<Number>::min()) return "above 0";
  return fmt::format("at least {}", lowest);
}
template <typename Number>
std::string HighestText(Number highest) {
  const bool is_next = static_cast<double>(highest) == std::nextafter(1.0, 0.0);
  return is_next ? "below 1" : fmt::format("at most {}", highest);
}

template <typename Number>
std::string BoundsText(const KeyTable::Bounds<Number>& bounds) {
  const bool below = bounds.lowest == std::numeric_limits<Number>::lowest();
  const bool above = bounds.highest == std::numeric_limits<Number>::max() ||
                     static_cast<double>(bounds.highest) == static_cast<double>(kMostCount);
  if (below && above && !std::is_unsigned_v<Number>) return "of any size";
  std::string lowest = LowestText(bounds.lowest);
  if (above) return lowest;
  if (below && !std::is_unsigned_v<Number>) return HighestText(bounds.highest);
  if (lowest.starts_with("above") || HighestText(bounds.highest).starts_with("below"))
    return lowest + " and " + HighestText(bounds.highest);
  return fmt::format("{} to {}", bounds.lowest, bounds.highest);
}

template <typename Number>
Number ParseNumber(const std::string& name, const std::string& text,
                   const KeyTable::Bounds<Number>& bounds) {
  Number value{};
  if (ReadNumber(text, &value) && value >= bounds.lowest && value <= bounds.highest) return value;
  throw UsageError("{} is \"{}\"; allowed is {} {}", name, text,
                   std::is_integral_v<Number> ? "a whole number" : "a number", BoundsText(bounds));
}

}  // namespace

KeyTable::Bounds<double> KeyTable::AtLeast(double lowest) {
  return {lowest, std::numeric_limits<double>::max()};
}

KeyTable::Bounds<double> KeyTable::ShareBelowOne() { return {0, std::nextafter(1.0, 0.0)}; }

template <typename Number>
void KeyTable::AddNumber(const std::string& name, Number* field, const Bounds<Number>& bounds,
                         const std::string& help, OnResume on_resume) {
  keys_.push_back({name, fmt::format("{} ({})", help, BoundsText(bounds)), on_resume,
                   [=](const std::string& text) { *field = ParseNumber(name, text, bounds); },
                   [=] { return fmt::format("{}", *field); }});
}
template void KeyTable::AddNumber(const std::string&, Index*, const Bounds<Index>&,
                                  const std::string&, OnResume);
template void KeyTable::AddNumber(const std::string&, int*, const Bounds<int>&, const std::string&,
                                  OnResume);
template void KeyTable::AddNumber(const std::string&, std::uint64_t*, const Bounds<std::uint64_t>&,
                                  const std::string&, OnResume);
template void KeyTable::AddNumber(const std::string&, double*, const Bounds<double>&,
                                  const std::string&, OnResume);

void KeyTable::AddBool(const std::string& name, bool* field, const std::string& help,
                       OnResume on_resume) {
  keys_.push_back({name, help + " (true or false)", on_resume,
                   [=](const std::string& text) {
                     if (text != "true" && text != "false") {
                       throw UsageError("{} is \"{}\"; allowed are true and false", name, text);
                     }
                     *field = text == "true";
                   },
                   [=] { return *field ? "true" : "false"; }});
}

void KeyTable::AddDuration(const std::string& name, double* seconds, const std::string& help,
                           OnResume on_resume) {
  keys_.push_back(
      {name, help + " (90, 90s, 15m, 4h, 3:55:00, 1-12:00:00)", on_resume,
       [=](const std::string& text) {
         const std::optional<double> value = SecondsFromText(text);
         if (!value) {
           throw UsageError(
               "{} is \"{}\"; allowed are seconds, 90s, 15m, 4h, 2d, 15:00, 3:55:00 and "
               "1-12:00:00",
               name, text);
         }
         *seconds = *value;
       },
       [=] { return fmt::format("{}", *seconds); }});
}

void KeyTable::AddText(const std::string& name, std::string* field, const std::string& help,
                       void (*check)(const std::string&), OnResume on_resume) {
  keys_.push_back({name, help, on_resume,
                   [=](const std::string& text) {
                     check(text);
                     *field = text;
                   },
                   [=] { return *field; }});
}

ConfigKey* KeyTable::Find(const std::string& name) {
  const auto found = std::ranges::find(keys_, name, &ConfigKey::name);
  return found == keys_.end() ? nullptr : &*found;
}

std::string KeyTable::Suggestion(const std::string& name) const {
  std::vector<std::string> names;
  for (const ConfigKey& key : keys_) names.push_back(key.name);
  const std::optional<std::string> closest = ClosestName(name, names);
  return closest ? fmt::format("; did you mean \"{}\"?", *closest) : "";
}

}  // namespace lockstep
