#include "launch/report/line_chart.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "launch/output/svg_text.h"

namespace lockstep {
namespace {

constexpr double kWidth = 720, kHeight = 320, kLeft = 78, kRight = 18, kTop = 34, kBottom = 46;
constexpr std::size_t kStretches = 500;
constexpr std::array<const char*, 6> kColours = {"#0072b2", "#d55e00", "#009e73",
                                                 "#cc79a7", "#e69f00", "#56b4e9"};
constexpr std::array<const char*, 3> kDashes = {"none", "7 3", "2 3"};

struct Point {
  double x, y;
};

// A range of an axis, and how a value is placed on it, from 0 to 1.
struct Axis {
  double low = std::numeric_limits<double>::infinity();
  double high = -std::numeric_limits<double>::infinity();

  void Include(double value) {
    low = std::min(low, value);
    high = std::max(high, value);
  }
  bool empty() const { return low > high; }
  double Place(double value) const { return (value - low) / (high - low); }
};

bool CanDraw(const Chart& chart, double value) {
  return std::isfinite(value) && (!chart.logarithmic || value > 0);
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
  if (all.size() <= 2 * kStretches) return all;
  std::vector<Point> points;
  for (std::size_t s = 0; s < kStretches; ++s) {
    const auto begin = all.begin() + static_cast<std::ptrdiff_t>(s * all.size() / kStretches);
    const auto end = all.begin() + static_cast<std::ptrdiff_t>((s + 1) * all.size() / kStretches);
    auto [low, high] =
        std::minmax_element(begin, end, [](const Point& a, const Point& b) { return a.y < b.y; });
    if (high < low) std::swap(low, high);
    points.push_back(*low);
    if (high != low) points.push_back(*high);
  }
  return points;
}

void Widen(Axis* axis) {
  const double room = axis->high > axis->low ? 0.04 * (axis->high - axis->low)
                                             : std::max(std::abs(axis->low) * 0.05, 1e-12);
  axis->low -= room;
  axis->high += room;
}

// Positions and texts of the ticks of an axis.
std::vector<std::pair<double, std::string>> TicksOf(const Axis& axis, int most, bool logarithmic) {
  std::vector<std::pair<double, std::string>> ticks;
  if (logarithmic && axis.high - axis.low >= 1) {
    const double step = std::max(1.0, std::ceil((axis.high - axis.low) / most));
    for (double e = std::ceil(axis.low); e <= axis.high; e += step)
      ticks.emplace_back(e, fmt::format("{:g}", std::pow(10, e)));
    return ticks;
  }
  const double step = TickStep(axis.high - axis.low, most);
  for (double n = std::ceil(axis.low / step); n * step <= axis.high; ++n) {
    const double value = std::abs(n * step) < step * 1e-9 ? 0 : n * step;
    ticks.emplace_back(value, fmt::format("{:.5g}", logarithmic ? std::pow(10, value) : value));
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
    }
  }

  bool empty() const { return x_.empty(); }

  std::string Finish() {
    x_.Include(0);
    if (x_.high <= x_.low) x_.high = x_.low + 1;
    Widen(&y_);
    Add("<svg class=\"chart\" viewBox=\"0 0 {} {}\" role=\"img\" aria-label=\"{}\">", kWidth,
        kHeight, XmlText(chart_.title));
    Text(kLeft, 16, "class=\"title\"", chart_.title);
    AddAxes();
    AddMarks();
    for (std::size_t l = 0; l < points_.size(); ++l) AddLine(l);
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
  double Y(double value) const {
    return kHeight - kBottom - y_.Place(value) * (kHeight - kTop - kBottom);
  }

  void AddAxes() {
    for (const auto& [value, text] : TicksOf(y_, 6, chart_.logarithmic)) {
      Add("<path class=\"grid\" d=\"M{} {:.1f}H{}\"/>", kLeft, Y(value), kWidth - kRight);
      Text(kLeft - 6, Y(value) + 4, "text-anchor=\"end\"", text);
    }
    for (const auto& [value, text] : TicksOf(x_, 8, false))
      Text(X(value), kHeight - kBottom + 16, "text-anchor=\"middle\"", text);
    Add("<path class=\"axis\" d=\"M{} {}V{}H{}\"/>", kLeft, kTop, kHeight - kBottom,
        kWidth - kRight);
    Text((kLeft + kWidth - kRight) / 2, kHeight - 8, "text-anchor=\"middle\"", chart_.x_title);
    Add("<text transform=\"translate(14 {:.1f}) rotate(-90)\" text-anchor=\"middle\">{}</text>",
        (kTop + kHeight - kBottom) / 2, XmlText(chart_.y_title));
  }

  void AddMarks() {
    for (const double step : chart_.marks) {
      if (step <= 0 || step > x_.high) continue;
      Add("<path class=\"start\" d=\"M{:.1f} {}V{}\"><title>started again after step {:g}</title>"
          "</path>",
          X(step), kTop, kHeight - kBottom, step);
    }
    for (const double step : chart_.crosses) {
      if (step > x_.high) continue;
      Add("<path class=\"skipped\" d=\"M{0:.1f} {1}l4 -6h-8z\"><title>step {2:g} was skipped"
          "</title></path>",
          X(step), kHeight - kBottom, step);
    }
  }

  void AddLine(std::size_t l) {
    std::string path;
    for (const Point& point : points_[l])
      path += fmt::format("{}{:.1f} {:.1f}", path.empty() ? "M" : "L", X(point.x), Y(point.y));
    const char* const colour = kColours[l % kColours.size()];
    Add("<path class=\"line\" stroke=\"{}\" stroke-dasharray=\"{}\" d=\"{}\"/>", colour, Dash(l),
        path);
    const bool is_lone = points_[l].size() == 1;
    if (!is_lone && !(chart_.lines[l].has_points && points_[l].size() <= 100)) return;
    for (const Point& point : points_[l]) {
      const double value = chart_.logarithmic ? std::pow(10, point.y) : point.y;
      Add("<circle fill=\"{}\" cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"3\"><title>step {:g}: {:.6g}</title>"
          "</circle>",
          colour, X(point.x), Y(point.y), point.x, value);
    }
  }

  void AddLegend() {
    if (chart_.lines.size() < 2) return;
    double x = kWidth - kRight;
    for (std::size_t i = chart_.lines.size(); i-- > 0;) {
      const std::string& name = chart_.lines[i].name;
      Text(x, 16, "text-anchor=\"end\"", name);
      x -= 7.0 * static_cast<double>(std::min<std::size_t>(name.size(), 40)) + 8;
      Add("<path class=\"line\" stroke=\"{}\" stroke-dasharray=\"{}\" d=\"M{:.1f} 12h-24\"/>",
          kColours[i % kColours.size()], Dash(i), x);
      x -= 36;
    }
  }

  static const char* Dash(std::size_t l) { return kDashes[l / kColours.size() % kDashes.size()]; }

  const Chart& chart_;
  std::vector<std::vector<Point>> points_;
  Axis x_, y_;
  std::string svg_;
};

}  // namespace

std::string DrawChart(const Chart& chart) {
  Drawing drawing(chart);
  if (!drawing.empty()) return drawing.Finish();
  return fmt::format("<p>{}: nothing to draw yet.</p>\n", XmlText(chart.title));
}

}  // namespace lockstep
