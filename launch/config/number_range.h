// Keys that are two numbers, "LOW,HIGH": the bounds of something that is drawn.
#pragma once

#include <string>

namespace lockstep {

struct NumberRange {
  double low = 0;
  double high = 0;
};
// UsageError that names the key unless the text is two numbers in ascending order, not below
// `least` nor above `most`.
NumberRange NumberRangeFromText(const std::string& key, const std::string& text, double least,
                                double most);

}  // namespace lockstep
