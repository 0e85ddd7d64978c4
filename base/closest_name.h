// Finds the name that somebody who mistyped most likely meant.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/types.h"

namespace lockstep {

// The name with the least distance, upper and lower case of ASCII taken as equal; the first of
// several. Nothing when even that differs in more than half of the bytes asked for.
std::optional<std::string> ClosestName(std::string_view asked, std::span<const std::string> names);

// "; did you mean --rain?" for the prefix "--", to stand behind what is wrong; empty where no name
// is near.
std::string DidYouMean(std::string_view asked, std::span<const std::string> names,
                       std::string_view prefix = "");

// `did you mean "rain"? there are: "rain", "snow"`: what to say after a name was not found. At most
// 30 names are listed.
std::string SuggestNames(std::string_view asked, std::span<const std::string> names);

}  // namespace lockstep
