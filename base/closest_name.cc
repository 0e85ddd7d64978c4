#include "base/closest_name.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "base/edit_distance.h"

namespace lockstep {
namespace {

constexpr std::size_t kMostListed = 30;
constexpr std::size_t kLongestCompared = 256;  // bytes; longer names are no slips of the finger

std::string LowerCase(std::string_view text) {
  std::string lower(text.substr(0, kLongestCompared));
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

Index Distance(const std::string& a, const std::string& b) {
  std::vector<std::int32_t> row(b.size() + 1);
  return EditDistance<char>(a, b, row.data());
}

// The names in double quotes, with commas between them.
std::string QuoteNames(std::span<const std::string> names) {
  std::string text;
  for (std::size_t i = 0; i < std::min(names.size(), kMostListed); ++i) {
    text += fmt::format("{}\"{}\"", i == 0 ? "" : ", ", names[i]);
  }
  if (names.size() > kMostListed) text += fmt::format(" and {} more", names.size() - kMostListed);
  return text;
}

}  // namespace

std::optional<std::string> ClosestName(std::string_view asked, std::span<const std::string> names) {
  std::optional<std::string> closest;
  Index least = static_cast<Index>(std::max<std::size_t>(1, asked.size() / 2)) + 1;
  for (const std::string& name : names) {
    const Index distance = Distance(LowerCase(asked), LowerCase(name));
    if (distance >= least) continue;
    least = distance;
    closest = name;
  }
  return closest;
}

std::string DidYouMean(std::string_view asked, std::span<const std::string> names,
                       std::string_view prefix) {
  const std::optional<std::string> closest = ClosestName(asked, names);
  return closest ? fmt::format("; did you mean {}{}?", prefix, *closest) : "";
}

std::string SuggestNames(std::string_view asked, std::span<const std::string> names) {
  if (names.empty()) return "there are none";
  const std::optional<std::string> closest = ClosestName(asked, names);
  return fmt::format("{}there are: {}",
                     closest ? fmt::format("did you mean \"{}\"? ", *closest) : "",
                     QuoteNames(names));
}

}  // namespace lockstep
