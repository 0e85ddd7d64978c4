#include "launch/report/text_chart.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "base/terminal.h"
#include "base/utf8.h"
#include "launch/report/value_range.h"

namespace lockstep {
namespace {

constexpr int kLabelColumns = 10;  // of the values at the left, and the axis beside them
constexpr const char* kLineColour = "\033[36m";
constexpr const char* kPointColour = "\033[33m";
constexpr const char* kNoColour = "\033[0m";

// A plot of character cells. Dots are set on a finer grid: 2 x 4 in a cell with Braille, else one.
class Plot {
 public:
  Plot(const TextChartStyle& style)
      : style_(style),
        columns_(std::max(1, style.columns - kLabelColumns)),
        wide_(style.braille ? 2 : 1),
        high_(style.braille ? 4 : 1),
        dots_(static_cast<std::size_t>(columns_ * wide_ * style.rows * high_)),
        points_(static_cast<std::size_t>(columns_ * style.rows)) {}

  int dot_columns() const { return columns_ * wide_; }
  int dot_rows() const { return style_.rows * high_; }
  int columns() const { return columns_; }

  // `column` counts from the left, `row` from below.
  void SetDot(int column, int row) {
    dots_[static_cast<std::size_t>((dot_rows() - 1 - row) * dot_columns() + column)] = true;
  }
  void SetPoint(int column, int row) {
    points_[static_cast<std::size_t>((style_.rows - 1 - row) * columns_ + column)] = true;
  }

  // A row of cells from above, without blanks at its end.
  std::string Row(int row) const {
    std::string text;
    const char* colour = kNoColour;
    for (int column = 0; column < columns_; ++column) {
      const bool is_point = points_[static_cast<std::size_t>(row * columns_ + column)];
      const std::string cell = is_point ? "o" : CellText(row, column);
      const char* const wanted = is_point ? kPointColour : cell == " " ? kNoColour : kLineColour;
      if (style_.colours && wanted != colour) text += wanted;
      colour = wanted;
      text += cell;
    }
    if (style_.colours && colour != kNoColour) text += kNoColour;
    text.erase(text.find_last_not_of(' ') + 1);
    return text;
  }

 private:
  // The eight dots of a Braille pattern: bits 0, 1, 2, 6 are the left column from above, 3, 4, 5, 7
  // the right one.
  std::string CellText(int row, int column) const {
    static constexpr int kBits[4][2] = {{0, 3}, {1, 4}, {2, 5}, {6, 7}};
    unsigned pattern = 0;
    for (int y = 0; y < high_; ++y) {
      for (int x = 0; x < wide_; ++x) {
        const int place = (row * high_ + y) * dot_columns() + column * wide_ + x;
        if (dots_[static_cast<std::size_t>(place)]) pattern |= 1u << kBits[y][x];
      }
    }
    if (pattern == 0) return " ";
    return style_.braille ? EncodeCodePoint(0x2800 + pattern) : "*";
  }

  const TextChartStyle style_;
  const int columns_, wide_, high_;
  std::vector<bool> dots_;    // [dot rows, dot columns], from above
  std::vector<bool> points_;  // [rows, columns], from above
};

class Drawing {
 public:
  Drawing(const TextChart& chart, const TextChartStyle& style)
      : chart_(chart), style_(style), plot_(style) {
    for (const Curve* curve : {chart.line, chart.points}) {
      for (std::size_t i = 0; curve != nullptr && i < curve->values.size(); ++i) {
        if (!CanBeShown(curve->values[i])) continue;
        steps_.Include(curve->steps[i]);
        values_.Include(curve->values[i]);
      }
    }
  }

  std::vector<std::string> Draw() {
    if (values_.empty()) return FittedLines(chart_.title + ": no values yet", style_.columns);
    if (chart_.line != nullptr) AddLine(*chart_.line);
    if (chart_.points != nullptr) AddPoints(*chart_.points);
    std::vector<std::string> lines = FittedLines(chart_.title, style_.columns);
    for (int row = 0; row < style_.rows; ++row) lines.push_back(Label(row) + plot_.Row(row));
    lines.push_back(StepAxis());
    return lines;
  }

 private:
  static int Place(const ValueRange& range, double value, int places) {
    if (range.high <= range.low) return places / 2;
    const double share = (value - range.low) / (range.high - range.low);
    return std::clamp(static_cast<int>(share * places), 0, places - 1);
  }

  // Each column of dots gets the range of its values, joined to the last value before it.
  void AddLine(const Curve& curve) {
    int column = -1, low = 0, high = 0, last = 0;
    const auto flush = [&] {
      for (int row = low; column >= 0 && row <= high; ++row) plot_.SetDot(column, row);
    };
    for (std::size_t i = 0; i < curve.values.size(); ++i) {
      if (!CanBeShown(curve.values[i])) continue;
      const int x = Place(steps_, curve.steps[i], plot_.dot_columns());
      const int y = Place(values_, curve.values[i], plot_.dot_rows());
      if (x != column) {
        flush();
        const bool is_next = column >= 0 && x == column + 1;
        low = is_next && y > last ? last + 1 : y;
        high = is_next && y < last ? last - 1 : y;
        column = x;
      }
      low = std::min(low, y);
      high = std::max(high, y);
      last = y;
    }
    flush();
  }

  void AddPoints(const Curve& curve) {
    for (std::size_t i = 0; i < curve.values.size(); ++i) {
      if (!CanBeShown(curve.values[i])) continue;
      plot_.SetPoint(Place(steps_, curve.steps[i], plot_.columns()),
                     Place(values_, curve.values[i], style_.rows));
    }
  }

  // The highest value at the upper row, the lowest at the lower one.
  std::string Label(int row) const {
    std::string text;
    if (row == 0) text = Number(values_.high);
    if (row == style_.rows - 1) text = Number(values_.low);
    return fmt::format("{:>{}} |", text, kLabelColumns - 2);
  }
  // In as many digits as fit beside the axis.
  static std::string Number(double value) {
    std::string text;
    for (int digits = 4; digits > 0; --digits) {
      text = fmt::format("{:.{}g}", value, digits);
      if (std::ssize(text) <= kLabelColumns - 2) break;
    }
    return text;
  }

  // The first and the last step; only the last where both do not fit.
  std::string StepAxis() const {
    const std::string first = fmt::format("{:.0f}", steps_.low);
    std::string last = fmt::format("step {:.0f}", steps_.high);
    const int room = style_.columns - kLabelColumns - static_cast<int>(first.size());
    if (static_cast<int>(last.size()) >= room) last = fmt::format("{:.0f}", steps_.high);
    if (static_cast<int>(last.size()) >= room) return fmt::format("{:>{}}", last, style_.columns);
    return fmt::format("{:>{}}{}{:>{}}", "", kLabelColumns, first, last, room);
  }

  const TextChart& chart_;
  const TextChartStyle style_;
  Plot plot_;
  ValueRange steps_, values_;
};

}  // namespace

std::vector<std::string> FittedLines(const std::string& text, int columns) {
  if (TextColumns(text) <= columns) return {text};
  std::vector<std::string> lines = WrapWords(text, columns);
  for (std::string& line : lines) line = std::string(CutColumns(line, columns));
  return lines;
}

std::vector<std::string> DrawTextChart(const TextChart& chart, const TextChartStyle& style) {
  return Drawing(chart, style).Draw();
}

bool LocaleIsUtf8() {
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    const char* const value = std::getenv(name);
    if (value == nullptr || *value == '\0') continue;
    std::string text = value;
    std::ranges::transform(text, text.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? c + 32 : c; });
    return text.find("utf-8") != std::string::npos || text.find("utf8") != std::string::npos;
  }
  return false;
}

}  // namespace lockstep
