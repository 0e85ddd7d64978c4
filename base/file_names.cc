#include "base/file_names.h"

#include <algorithm>

#include "base/characters.h"
#include "base/error.h"
#include "base/hash.h"

namespace lockstep {
namespace {

constexpr std::size_t kLongest = 100;  // bytes; some file systems allow at most 143
constexpr std::size_t kKept = 64;      // bytes of a longer name that are kept in front of its hash

bool IsAlphanumeric(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

std::string InSmallLetters(std::string name) {
  std::ranges::transform(name, name.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return name;
}

}  // namespace

std::string FileNameOf(const std::string& id) {
  if (id.empty()) return "%";
  std::string name;
  for (const char c : id) {
    const bool plain = IsAlphanumeric(c) || c == '_' || (!name.empty() && (c == '.' || c == '-'));
    name += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  if (name.size() <= kLongest) return name;
  return name.substr(0, kKept) + "~" + Hash128Hex(id);
}

const std::string& FileNames::Of(const std::string& id) {
  const auto [place, is_new] = names_.try_emplace(id);
  if (!is_new) return place->second;
  const std::string name = FileNameOf(id);
  place->second = name;
  for (int i = 2; !taken_.insert(InSmallLetters(place->second)).second; ++i) {
    place->second = fmt::format("{}~{}", name, i);
  }
  return place->second;
}

void RefuseNul(std::string_view path) {
  if (path.find('\0') == path.npos) return;
  throw BadData(
      "the name {} holds U+0000, which no name of a file can; give one name per line (not as "
      "`find -print0` writes them)",
      Printable(path));
}

}  // namespace lockstep
