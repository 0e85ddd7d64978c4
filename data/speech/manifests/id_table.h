// Remembers which ids were seen, and where. Takes 16 bytes per id in a hash table that is at most
// 70 % full. Ids are compared by 64-bit hashes only; among 10^7 different ids, two have the same
// hash in one of 10^5 corpora.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/types.h"

namespace lockstep {

class IdTable {
 public:
  // Adds an id with its source ("file:line"). If it was added before, returns the earlier source;
  // otherwise an empty text.
  std::string Add(const std::string& id, const std::string& source);

 private:
  struct Entry {
    std::uint64_t hash = 0;  // 0: free
    std::uint32_t file = 0;
    std::uint32_t line = 0;
  };

  Entry& Slot(std::uint64_t hash);
  void Grow();

  std::vector<Entry> entries_;
  std::size_t used_ = 0;
  std::vector<std::string> files_;
  std::unordered_map<std::string, std::uint32_t> file_number_;
};

}  // namespace lockstep
