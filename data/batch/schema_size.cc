#include "data/batch/schema_size.h"

#include <algorithm>

namespace lockstep {
namespace {

// Each id of an order of labels is on a line of its own.
std::size_t OrderBytes(const LabelOrder& order) {
  constexpr std::size_t kAroundId = 32, kAroundList = 32;
  std::size_t ids = order.first.size() + order.last.size();
  for (const std::vector<int>& followers : order.followers) ids += followers.size();
  return ids * kAroundId + (order.followers.size() + 3) * kAroundList;
}

}  // namespace

// A byte that must be escaped takes six bytes in JSON; each name is in quotes, on a line of its
// own.
Index SchemaTextBytes(const Schema& schema) {
  constexpr std::size_t kEscaped = 6, kAroundName = 16, kAroundComplement = 24, kRest = 4096;
  std::size_t bytes = kRest;
  for (const Vocabulary& vocabulary : schema.vocabularies) {
    bytes += vocabulary.complement.size() * kAroundComplement;
    bytes += OrderBytes(vocabulary.order);
    for (const std::string& name : vocabulary.names) {
      const bool plain = std::all_of(name.begin(), name.end(),
                                     [](char c) { return c >= ' ' && c != '"' && c != '\\'; });
      bytes += name.size() * (plain ? 1 : kEscaped) + kAroundName;
    }
  }
  return static_cast<Index>(bytes);
}

}  // namespace lockstep
