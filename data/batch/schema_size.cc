#include "data/batch/schema_size.h"

#include <algorithm>

namespace lockstep {

// A byte that must be escaped takes six bytes in JSON; each name is in quotes, on a line of its
// own.
Index SchemaTextBytes(const Schema& schema) {
  constexpr std::size_t kEscaped = 6, kAroundName = 16, kAroundComplement = 24, kRest = 4096;
  std::size_t bytes = kRest;
  for (const Vocabulary& vocabulary : schema.vocabularies) {
    bytes += vocabulary.complement.size() * kAroundComplement;
    for (const std::string& name : vocabulary.names) {
      const bool plain = std::all_of(name.begin(), name.end(),
                                     [](char c) { return c >= ' ' && c != '"' && c != '\\'; });
      bytes += name.size() * (plain ? 1 : kEscaped) + kAroundName;
    }
  }
  return static_cast<Index>(bytes);
}

}  // namespace lockstep
