#include "launch/output/wide_picture.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "base/text.h"

namespace lockstep {
namespace {

// Widths of windows for which there is a class "below-WIDTH", which shows an element in narrower
// windows only. A style cannot compare a picture with the window.
constexpr int kWindowWidths[] = {360, 390, 412, 500, 600, 800, 1000, 1200, 1500};
constexpr int kMargins = 24;  // of the page, left and right together

int WidthOf(const std::string& svg) {
  constexpr std::string_view kAttribute = " width=\"";
  const std::string_view tag = std::string_view(svg).substr(0, svg.find('>'));
  const std::size_t begin = tag.find(kAttribute);
  if (begin == tag.npos) return kTrackWidth;
  const std::string_view rest = tag.substr(begin + kAttribute.size());
  int width = 0;
  return ReadNumber(rest.substr(0, rest.find('"')), &width) ? width : kTrackWidth;
}

}  // namespace

std::string WidePictureStyle() {
  std::string style = "<style>\n";
  for (const int width : kWindowWidths)
    style +=
        fmt::format("@media (max-width: {0}px) {{ .below-{0} {{ display: block; }} }}\n", width);
  return style + "</style>\n";
}

std::string WidePicture(const std::string& svg) {
  const auto* const wider = std::ranges::upper_bound(kWindowWidths, WidthOf(svg) + kMargins);
  std::string hint;
  if (wider != std::begin(kWindowWidths)) {
    hint = fmt::format("<p class=\"hint below-{}\">Scroll sideways to see all of it.</p>\n",
                       *std::prev(wider));
  }
  return fmt::format("{}<div class=\"wide picture\">{}</div>\n", hint, svg);
}

}  // namespace lockstep
