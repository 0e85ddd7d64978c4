// An SVG that is drawn piece by piece; coordinates in pixels.
#pragma once

#include <fmt/format.h>

#include <string>
#include <utility>

namespace lockstep {

class SvgCanvas {
 public:
  // Opens a white document of this size. First, once.
  void Begin(double width, double height, const std::string& title);

  // Any element, as fmt::format makes it.
  template <typename... Args>
  void Add(fmt::format_string<Args...> format, Args&&... args) {
    svg_ += fmt::format(format, std::forward<Args>(args)...);
    svg_ += '\n';
  }
  // `style`: attributes, for example text-anchor="end".
  void Text(double x, double y, const char* style, const std::string& text);
  void Line(double x1, double y1, double x2, double y2, const char* colour);
  // `png`: the bytes of the file, drawn without smoothing.
  void Image(double x, double y, double width, double height, const std::string& png);
  // The whole document. Once.
  std::string Finish();

 private:
  std::string svg_;
};

}  // namespace lockstep
