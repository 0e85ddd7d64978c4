// A part of the page of `lockstep report` that shows what a trained model makes of samples.
#pragma once

#include <array>
#include <string>
#include <vector>

namespace lockstep {

// `html` stands below the title. It may hold inline SVG and the classes of the page's style
// (launch/report/page_style.h: wide, matrix, text, key), but no script and nothing from
// elsewhere; texts in it are escaped (launch/output/svg_text.h).
struct ReportPart {
  std::string title, html;
};
using ReportParts = std::vector<ReportPart>;

// Colours that colour-blind readers can tell apart (Okabe and Ito 2008), for lines and areas on
// light and dark ground.
inline constexpr std::array<const char*, 8> kSafeColours = {
    "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#f0e442", "#999999"};

}  // namespace lockstep
