#include "launch/output/svg_canvas.h"

#include "launch/output/png_image.h"
#include "launch/output/svg_text.h"

namespace lockstep {

void SvgCanvas::Begin(double width, double height, const std::string& title) {
  Add("<svg xmlns=\"http://www.w3.org/2000/svg\" xmlns:xlink=\"http://www.w3.org/1999/xlink\" "
      "width=\"{0:.0f}\" height=\"{1:.0f}\" viewBox=\"0 0 {0:.0f} {1:.0f}\" "
      "font-family=\"DejaVu Sans, Verdana, Arial, sans-serif\" font-size=\"12\" fill=\"#222\">",
      width, height);
  Add("<title>{}</title>", XmlText(title));
  Add("<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>");
}

void SvgCanvas::Text(double x, double y, const char* style, const std::string& text) {
  Add("<text x=\"{:.1f}\" y=\"{:.1f}\" {}>{}</text>", x, y, style, XmlText(text));
}

void SvgCanvas::Line(double x1, double y1, double x2, double y2, const char* colour) {
  Add("<path d=\"M{:.1f} {:.1f}L{:.1f} {:.1f}\" stroke=\"{}\"/>", x1, y1, x2, y2, colour);
}

void SvgCanvas::Image(double x, double y, double width, double height, const std::string& png) {
  Add("<image x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\" "
      "preserveAspectRatio=\"none\" style=\"image-rendering:pixelated\" "
      "xlink:href=\"data:image/png;base64,{}\"/>",
      x, y, width, height, EncodeBase64(png));
}

std::string SvgCanvas::Finish() {
  svg_ += "</svg>\n";
  return std::move(svg_);
}

}  // namespace lockstep
