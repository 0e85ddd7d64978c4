#include "launch/report/line_chart.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "launch/output/svg_text.h"
#include "launch/report/value_range.h"

namespace lockstep {
namespace {

// Small enough that its text can be read on a phone, where it is scaled to the width of the page.
constexpr double kWidth = 480, kPlotHeight = 190, kLeft = 62, kRight = 24, kTop = 46, kBottom = 42;
constexpr double kLegendRow = 18;
constexpr double kLetter = 7.2;  // width of a letter, roughly
constexpr std::size_t kStretches = 500;
constexpr std::size_t kColours = 6;
constexpr std::array<const char*, 4> kDashes = {"none", "7 3", "2 3", "9 3 2 3"};

struct Point {
  double x, y;
};

bool CanDraw(const Chart& chart, double value) {
  return CanBeShown(value) && (!chart.logarithmic || value > 0);
}

double Scaled(const Chart& chart, double value) {
  return chart.logarithmic ? std::log10(value) : value;
}

// The points of a curve that are drawn: all, or the lowest and the highest of each stretch.
std::vector<Point> PointsOf(const Chart& chart, const Curve& curve) {
  std::vector<Point> all;
  for (std::size_t i = 0; i < curve.values.size(); ++i) {
    if (CanDraw(chart, curve.values[i]))
      all.push_back({curve.steps[i], Scaled(chart, curve.values[i])});
  }
  // Fewer in charts of many lines, whose size would grow with them.
  constexpr std::size_t kFewest = 60;
  const std::size_t stretches =
      std::clamp(4 * kStretches / chart.lines.size(), kFewest, kStretches);
  if (all.size() <= 2 * stretches) return all;
  std::vector<Point> points;
  for (std::size_t s = 0; s < stretches; ++s) {
    const auto begin = all.begin() + static_cast<std::ptrdiff_t>(s * all.size() / stretches);
    const auto end = all.begin() + static_cast<std::ptrdiff_t>((s + 1) * all.size() / stretches);
    auto [low, high] =
        std::minmax_element(begin, end, [](const Point& a, const Point& b) { return a.y < b.y; });
    if (high < low) std::swap(low, high);
    points.push_back(*low);
    if (high != low) points.push_back(*high);
  }
  return points;
}

// Values that differ by no more than their rounding get a flat line: ticks between them would be
// too close to be told apart.
void Widen(ValueRange* axis, bool logarithmic) {
  if (!logarithmic && axis->low == 0 && axis->high == 0) {  // any other range would look like noise
    axis->high = 1.04;
    return;
  }
  const double most = std::max(std::abs(axis->low), std::abs(axis->high));
  const double size = logarithmic ? 1 : most;  // by which rounding grows
  const double room = axis->high > axis->low
                          ? std::max({0.04 * (axis->high - axis->low), 1e-9 * size, 1e-300})
                          : std::max(0.05 * most, 1e-12);
  axis->low -= room;
  axis->high += room;
}

// "2500", or where the largest number of the axis is large "100k", "1.5M".
std::string TickText(double value, double largest) {
  for (const auto& [unit, letter] : {std::pair(1e9, "G"), std::pair(1e6, "M"), std::pair(1e3, "k")})
    if (value != 0 && largest >= 10 * unit) return fmt::format("{:.5g}{}", value / unit, letter);
  return fmt::format("{:.5g}", value);
}

using Ticks = std::vector<std::pair<double, std::string>>;  // positions and texts

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

// An axis of logarithms that is shorter than a power of ten has ticks like any other. Ticks are
// `least_step` apart at least: there is no half of a step.
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
                       TickText(value, std::max(std::abs(low), std::abs(high))));
  }
  return ticks;
}

class Drawing {
 public:
  explicit Drawing(const Chart& chart) : chart_(chart) {
    for (const ChartLine& line : chart.lines) {
      points_.push_back(PointsOf(chart, *line.curve));
      for (const Point& point : points_.back()) {
        x_.Include(point.x);
        y_.Include(point.y);
      }
      // Of a long curve, the last value need not be among those that are drawn.
      if (!points_.back().empty()) x_.Include(line.curve->steps.back());
    }
  }

  bool empty() const { return x_.empty(); }

  std::string Finish() {
    x_.Include(0);
    if (x_.high <= x_.low) x_.high = x_.low + 1;
    Widen(&y_, chart_.logarithmic);
    const double height = kTop + kPlotHeight + kBottom + kLegendRow * LegendRows();
    Add("<svg class=\"chart\" viewBox=\"0 0 {} {}\" role=\"img\" aria-label=\"{}\">", kWidth,
        height, XmlText(chart_.title));
    Text(8, 17, "class=\"title\"", chart_.title);
    AddAxes();
    AddMarks();
    for (std::size_t l = 0; l < points_.size(); ++l) AddLine(l);
    AddMarkLabels();
    AddLegend();
    return svg_ + "</svg>\n";
  }

 private:
  template <typename... Args>
  void Add(fmt::format_string<Args...> format, Args&&... args) {
    svg_ += fmt::format(format, std::forward<Args>(args)...);
    svg_ += '\n';
  }
  void Text(double x, double y, const char* style, const std::string& text) {
    Add("<text x=\"{:.1f}\" y=\"{:.1f}\" {}>{}</text>", x, y, style, XmlText(text));
  }
  double X(double value) const { return kLeft + x_.Place(value) * (kWidth - kLeft - kRight); }
  double Y(double value) const { return kTop + kPlotHeight * (1 - y_.Place(value)); }

  void AddAxes() {
    constexpr double kLower = kTop + kPlotHeight;
    for (const auto& [value, text] : TicksOf(y_, 6, chart_.logarithmic, 0)) {
      Add("<path class=\"grid\" d=\"M{} {:.1f}H{}\"/>", kLeft, Y(value), kWidth - kRight);
      Text(kLeft - 6, Y(value) + 4, "text-anchor=\"end\"", text);
    }
    for (const auto& [value, text] : TicksOf(x_, 6, false, 1))
      Text(X(value), kLower + 16, "text-anchor=\"middle\"", text);
    Add("<path class=\"axis\" d=\"M{} {}V{}H{}\"/>", kLeft, kTop, kLower, kWidth - kRight);
    Text((kLeft + kWidth - kRight) / 2, kLower + 34, "text-anchor=\"middle\"", chart_.x_title);
    Text(8, 32, "class=\"unit\"", chart_.y_title);  // above a number at the upper end of the axis
  }

  void AddMarks() {
    for (const ChartMark& mark : chart_.marks) {
      if (mark.step <= 0 || mark.step > x_.high) continue;
      Add("<path class=\"start\" d=\"M{:.1f} {}v{}\"><title>started again after step {:g}{}{}"
          "</title></path>",
          X(mark.step), kTop, kPlotHeight, mark.step, mark.label.empty() ? "" : ", ",
          XmlText(mark.label));
    }
    for (const double step : chart_.crosses) {
      if (step > x_.high) continue;
      Add("<path class=\"skipped\" d=\"M{0:.1f} {1}l4 -6h-8z\"><title>step {2:g} was skipped"
          "</title></path>",
          X(step), kTop + kPlotHeight, step);
    }
    AddTicks();
  }

  // Above the lines, on which they have an edge of the colour of the ground.
  void AddMarkLabels() {
    constexpr std::size_t kMostLabels = 6;
    if (chart_.marks.size() > kMostLabels) return;
    for (const ChartMark& mark : chart_.marks) {
      if (mark.label.empty() || mark.step <= 0 || mark.step > x_.high) continue;
      const bool is_right = X(mark.step) > kWidth / 2;
      Text(X(mark.step) + (is_right ? -4 : 4), kTop + 12,
           is_right ? "class=\"note\" text-anchor=\"end\"" : "class=\"note\"", mark.label);
    }
  }

  // One for each half pixel at most, in one path.
  void AddTicks() {
    std::string path;
    double last = -1;
    for (const double step : chart_.ticks) {
      if (step > x_.high || X(step) < last + 0.5) continue;
      last = X(step);
      path += fmt::format("M{:.1f} {}v5", last, kTop);
    }
    if (!path.empty()) Add("<path class=\"clipped\" d=\"{}\"/>", path);
  }

  void AddLine(std::size_t l) {
    std::string path;
    for (const Point& point : points_[l])
      path += fmt::format("{}{:.1f} {:.1f}", path.empty() ? "M" : "L", X(point.x), Y(point.y));
    Add("<path class=\"line c{}\" stroke-dasharray=\"{}\" d=\"{}\"/>", l % kColours, Dash(l), path);
    const bool is_lone = points_[l].size() == 1;
    if (!is_lone && !(chart_.lines[l].has_points && points_[l].size() <= 100)) return;
    for (const Point& point : points_[l]) {
      const double value = chart_.logarithmic ? std::pow(10, point.y) : point.y;
      Add("<circle class=\"c{}\" cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"3\"><title>step {:g}: {:.6g}"
          "</title></circle>",
          l % kColours, X(point.x), Y(point.y), point.x, value);
    }
  }

  // Where the name of each line stands: row and left edge.
  std::vector<std::pair<int, double>> LegendPlaces() const {
    constexpr double kSample = 34, kGap = 16;
    std::vector<std::pair<int, double>> places;
    double x = 12;
    int row = 0;
    for (const ChartLine& line : chart_.lines) {
      const double width = kSample + kLetter * static_cast<double>(LegendName(line).size());
      if (x > 12 && x + width > kWidth - 8) {
        ++row;
        x = 12;
      }
      places.emplace_back(row, x);
      x += width + kGap;
    }
    return places;
  }
  int LegendRows() const { return chart_.lines.size() < 2 ? 0 : LegendPlaces().back().first + 1; }

  // A name that is wider than the chart is cut at its front: what runs are called is alike there.
  static std::string LegendName(const ChartLine& line) {
    constexpr std::size_t kMost = 56;
    if (line.name.size() <= kMost) return line.name;
    return "..." + line.name.substr(line.name.size() - kMost + 3);
  }

  void AddLegend() {
    if (LegendRows() == 0) return;
    const auto places = LegendPlaces();
    for (std::size_t i = 0; i < places.size(); ++i) {
      const auto& [row, x] = places[i];
      const double y = kTop + kPlotHeight + kBottom + kLegendRow * row + 8;
      Add("<path class=\"line c{}\" stroke-dasharray=\"{}\" d=\"M{:.1f} {:.1f}h28\"/>",
          i % kColours, Dash(i), x, y - 4);
      Text(x + 34, y, "", LegendName(chart_.lines[i]));
    }
  }

  static const char* Dash(std::size_t l) { return kDashes[l % kDashes.size()]; }

  const Chart& chart_;
  std::vector<std::vector<Point>> points_;
  ValueRange x_, y_;
  std::string svg_;
};

}  // namespace

std::string DrawChart(const Chart& chart) {
  Drawing drawing(chart);
  if (!drawing.empty()) return drawing.Finish();
  return fmt::format("<p>{}: nothing to draw yet.</p>\n", XmlText(chart.title));
}

}  // namespace lockstep
