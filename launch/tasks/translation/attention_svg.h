// The attention of a translation as a picture: a row for each token that was written, a column for
// each token of the source, darker where more of the context came from.
#pragma once

#include <string>
#include <vector>

namespace lockstep {

struct AttentionPicture {
  std::string title;
  std::vector<std::string> source;            // tokens, the end included
  std::vector<std::string> target;            // tokens, and the end if it was written
  std::vector<std::vector<float>> attention;  // [target, source]; each row adds up to 1
};

// An SVG document. UTF-8 texts of any length; at most 200 tokens of each side are drawn.
std::string AttentionSvg(const AttentionPicture& picture);

}  // namespace lockstep
