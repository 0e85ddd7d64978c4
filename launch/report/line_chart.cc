#include "launch/report/line_chart.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "launch/output/svg_text.h"
#include "launch/report/chart_axis.h"

namespace lockstep {
namespace {

// Small enough that its text can be read on a phone, where it is scaled to the width of the page.
constexpr double kWidth = 480, kPlotHeight = 190, kRight = 24, kTop = 46, kBottom = 42;
constexpr double kLeastLeft = 62, kMostLeft = 160;  // left of the plot, for the numbers of the axis
constexpr int kMostTicks = 6;
constexpr double kLegendRow = 18;
constexpr double kLetter = 7.2;  // width of a letter, roughly
constexpr std::size_t kStretches = 500;
constexpr std::size_t kColours = 6;
constexpr std::array<const char*, 4> kDashes = {"none", "7 3", "2 3", "9 3 2 3"};

struct Point {
  double x, y;
  bool follows_gap = false;  // the value before it cannot be drawn
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
  bool follows_gap = false;
  for (std::size_t i = 0; i < curve.values.size(); ++i) {
    const bool is_drawn = CanDraw(chart, curve.values[i]);
    if (is_drawn) all.push_back({curve.steps[i], Scaled(chart, curve.values[i]), follows_gap});
    follows_gap = !is_drawn;
  }
  // Fewer in charts of many lines, whose size would grow with them.
  constexpr std::size_t kFewest = 60;
  const std::size_t stretches =
      std::clamp(4 * kStretches / chart.lines.size(), kFewest, kStretches);
  if (all.size() <= 2 * stretches) return all;
  // A gap that is no wider than a stretch would be less than a pixel.
  const double width = (all.back().x - all.front().x) / static_cast<double>(stretches);
  for (std::size_t i = 1; i < all.size(); ++i)
    all[i].follows_gap = all[i].follows_gap && all[i].x - all[i - 1].x > width;
  std::vector<Point> points;
  auto next = all.begin();  // what follows the last point that was taken
  const auto take = [&](std::vector<Point>::iterator taken) {
    points.push_back(*taken);
    points.back().follows_gap =
        std::any_of(next, taken + 1, [](const Point& point) { return point.follows_gap; });
    next = taken + 1;
  };
  for (std::size_t s = 0; s < stretches; ++s) {
    const auto begin = all.begin() + static_cast<std::ptrdiff_t>(s * all.size() / stretches);
    const auto end = all.begin() + static_cast<std::ptrdiff_t>((s + 1) * all.size() / stretches);
    auto [low, high] =
        std::minmax_element(begin, end, [](const Point& a, const Point& b) { return a.y < b.y; });
    if (high < low) std::swap(low, high);
    take(low);
    if (high != low) take(high);
  }
  return points;
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
    y_ = Widened(y_, chart_.logarithmic);
    y_ticks_ = TicksOf(y_, kMostTicks, chart_.logarithmic, 0);
    for (const auto& [place, text] : y_ticks_)
      left_ = std::clamp(12 + kLetter * static_cast<double>(text.size()), left_, kMostLeft);
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
  double X(double value) const { return left_ + x_.Place(value) * (kWidth - left_ - kRight); }
  double Y(double value) const { return kTop + kPlotHeight * (1 - y_.Place(value)); }

  void AddAxes() {
    constexpr double kLower = kTop + kPlotHeight;
    for (const auto& [value, text] : y_ticks_) {
      Add("<path class=\"grid\" d=\"M{:.0f} {:.1f}H{}\"/>", left_, Y(value), kWidth - kRight);
      Text(left_ - 6, Y(value) + 4, "text-anchor=\"end\"", text);
    }
    for (const auto& [value, text] : TicksOf(x_, kMostTicks, false, 1))
      Text(X(value), kLower + 16, "text-anchor=\"middle\"", text);
    Add("<path class=\"axis\" d=\"M{:.0f} {}V{}H{}\"/>", left_, kTop, kLower, kWidth - kRight);
    Text((left_ + kWidth - kRight) / 2, kLower + 34, "text-anchor=\"middle\"", chart_.x_title);
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

  // A line for each run of neighbouring values; a short dash for one that has no neighbour.
  std::string PathOf(const std::vector<Point>& points) const {
    std::string path;
    for (std::size_t i = 0; i < points.size(); ++i) {
      const bool begins = i == 0 || points[i].follows_gap;
      const bool ends = i + 1 == points.size() || points[i + 1].follows_gap;
      path += fmt::format("{}{:.1f} {:.1f}{}", begins ? "M" : "L", X(points[i].x), Y(points[i].y),
                          begins && ends ? "m-1 0h2" : "");
    }
    return path;
  }

  void AddLine(std::size_t l) {
    const std::string path = PathOf(points_[l]);
    Add("<path class=\"line c{}\" stroke-dasharray=\"{}\" d=\"{}\"/>", l % kColours, Dash(l), path);
    const bool is_lone = points_[l].size() == 1;
    if (!is_lone && !(chart_.lines[l].has_points && points_[l].size() <= 100)) return;
    for (const Point& point : points_[l]) {
      const double value = chart_.logarithmic ? std::pow(10, point.y) : point.y;
      Add("<circle class=\"c{}\" cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"3\"><title>step {:g}: {:.7g}"
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
  Ticks y_ticks_;
  double left_ = kLeastLeft;  // edge of the plot
  std::string svg_;
};

}  // namespace

std::string DrawChart(const Chart& chart) {
  Drawing drawing(chart);
  if (!drawing.empty()) return drawing.Finish();
  return fmt::format("<p>{}: nothing to draw yet.</p>\n", XmlText(chart.title));
}

}  // namespace lockstep
