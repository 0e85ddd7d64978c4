// Which ids have been seen, and where: 16 bytes an id in a table at most 70 % full. Ids are told
// apart by 64 bits of hash; of 10^7 different ones two fall together once in 10^5 corpora.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/types.h"

namespace lockstep {

class IdTable {
 public:
  // Remembers the id with its source ("file:line"). Gives where it was seen before, or nothing.
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
