#include "launch/tasks/dna/seqid.h"

#include <fmt/format.h>

#include <string_view>

namespace lockstep {

std::string EscapeSeqid(const std::string& name) {
  constexpr std::string_view kAllowed = ".:^*$@!+_?-|";
  std::string escaped;
  for (const char c : name) {
    const bool plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                       kAllowed.find(c) != std::string_view::npos;
    escaped += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return escaped;
}

}  // namespace lockstep
