#include "launch/report/chart_axis.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "launch/output/svg_text.h"

namespace lockstep {
namespace {

// "2500", or where the largest number of the axis is large "100k", "1.5M", and where it is huge
// "1e+21". In as many digits as tell numbers apart that differ by `step`.
std::string TickText(double value, double largest, double step) {
  constexpr double kFewest = 5, kMost = 13;
  const int digits =
      static_cast<int>(std::clamp(std::ceil(std::log10(largest / step)) + 2, kFewest, kMost));
  constexpr double kLargestInUnits = 1e15;
  for (const auto& [unit, letter] : {std::pair(1e9, "G"), std::pair(1e6, "M"), std::pair(1e3, "k")})
    if (value != 0 && largest >= 10 * unit && largest < kLargestInUnits)
      return fmt::format("{:.{}g}{}", value / unit, digits, letter);
  return fmt::format("{:.{}g}", value, digits);
}

// One for each power of ten, or for few of them; of few powers also twice and five times each.
Ticks TicksOfDecades(const ValueRange& axis, int most) {
  Ticks ticks;
  const double range = axis.high - axis.low, step = std::max(1.0, std::ceil(range / most));
  for (double e = std::floor(axis.low); e <= axis.high; e += step) {
    for (const double factor : {1.0, 2.0, 5.0}) {
      const double place = e + std::log10(factor);
      const bool is_wanted = factor == 1 || range < 2;
      if (is_wanted && place >= axis.low && place <= axis.high)
        ticks.emplace_back(place, fmt::format("{:g}", factor * std::pow(10, e)));
    }
  }
  return ticks;
}

}  // namespace

ValueRange Widened(const ValueRange& range, bool logarithmic) {
  const auto& [low, high] = range;
  if (!logarithmic && low == 0 && high == 0) return {0, 1.04};  // others would look like noise
  const double most = std::max(std::abs(low), std::abs(high));
  const double size = logarithmic ? 1 : most;  // by which rounding grows
  const double room = high > low ? std::max({0.04 * (high - low), 1e-9 * size, 1e-300})
                                 : std::max(0.05 * most, 1e-12);
  return {low - room, high + room};
}

Ticks TicksOf(const ValueRange& axis, int most, bool logarithmic, double least_step) {
  if (logarithmic && axis.high - axis.low >= 1) return TicksOfDecades(axis, most);
  const auto number = [&](double place) { return logarithmic ? std::pow(10, place) : place; };
  const double low = number(axis.low), high = number(axis.high);
  const double step = std::max(TickStep(high - low, most), least_step);
  const double first = std::ceil(low / step);
  Ticks ticks;
  for (int i = 0; i <= most && (first + i) * step <= high; ++i) {
    const double n = first + i;
    const double value = std::abs(n * step) < step * 1e-9 ? 0 : n * step;
    if (logarithmic && value <= 0) continue;
    ticks.emplace_back(logarithmic ? std::log10(value) : value,
                       TickText(value, std::max(std::abs(low), std::abs(high)), step));
  }
  return ticks;
}

}  // namespace lockstep
