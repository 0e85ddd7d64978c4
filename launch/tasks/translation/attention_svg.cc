#include "launch/tasks/translation/attention_svg.h"

#include <algorithm>
#include <cmath>

#include "base/types.h"
#include "launch/output/svg_canvas.h"

namespace lockstep {
namespace {

constexpr double kCell = 18, kMargin = 12;
constexpr double kLetter = 7.5;  // width of a character of the labels, roughly
constexpr std::size_t kMostTokens = 200;

// Room for the longest of these labels.
double RoomFor(const std::vector<std::string>& labels, std::size_t count) {
  std::size_t longest = 1;
  for (std::size_t i = 0; i < count; ++i) {
    const auto points = std::ranges::count_if(labels[i], [](char c) { return (c & 0xC0) != 0x80; });
    longest = std::max(longest, static_cast<std::size_t>(points));
  }
  return kLetter * static_cast<double>(longest) + kMargin;
}

// 0 is white, 1 is black.
int GreyOf(float weight) {
  return static_cast<int>(std::lround(255 * (1 - std::clamp(static_cast<double>(weight), 0., 1.))));
}

}  // namespace

std::string AttentionSvg(const AttentionPicture& picture) {
  const std::size_t columns = std::min(picture.source.size(), kMostTokens);
  const std::size_t rows = std::min({picture.target.size(), picture.attention.size(), kMostTokens});
  const double left = RoomFor(picture.target, rows);
  const double top = RoomFor(picture.source, columns);
  SvgCanvas canvas;
  canvas.Begin(left + kCell * static_cast<double>(columns) + kMargin,
               top + kCell * static_cast<double>(rows) + kMargin, picture.title);
  for (std::size_t c = 0; c < columns; ++c) {
    const double x = left + kCell * (static_cast<double>(c) + 0.7);
    canvas.Add("<g transform=\"translate({:.1f},{:.1f}) rotate(-90)\">", x, top - 4);
    canvas.Text(0, 0, "", picture.source[c]);
    canvas.Add("</g>");
  }
  for (std::size_t r = 0; r < rows; ++r) {
    const double y = top + kCell * static_cast<double>(r);
    canvas.Text(left - 4, y + 0.7 * kCell, "text-anchor=\"end\"", picture.target[r]);
    for (std::size_t c = 0; c < std::min(columns, picture.attention[r].size()); ++c) {
      const int grey = GreyOf(picture.attention[r][c]);
      canvas.Add(
          "<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{}\" height=\"{}\" fill=\"rgb({},{},{})\"/>",
          left + kCell * static_cast<double>(c), y, kCell, kCell, grey, grey, grey);
    }
  }
  return canvas.Finish();
}

}  // namespace lockstep
