// Looks up lines of a text file by their first word: a file of 10^7 lines takes 160 MB, whatever
// its lines hold. Words are kept as 64-bit hashes and compared in full when a line is read.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/raw_file.h"
#include "base/types.h"

namespace lockstep {

class LineIndex {
 public:
  // Reads the file once. MissingInput when it is not there.
  explicit LineIndex(const std::string& path);

  // The number of lines that begin with the word: 0, 1, or 2 for several. `rest` becomes what
  // follows the word on the first of them, without blanks at either end.
  int Find(std::string_view word, std::string* rest) const;

  Index size() const { return static_cast<Index>(entries_.size()); }
  const std::string& path() const { return file_.path(); }

 private:
  struct Entry {
    std::uint64_t hash;
    std::uint64_t offset;
    bool operator<(const Entry& other) const {
      return hash != other.hash ? hash < other.hash : offset < other.offset;
    }
  };

  std::string ReadLine(std::uint64_t offset) const;

  RawFile file_;
  std::uint64_t file_bytes_;
  std::vector<Entry> entries_;  // sorted
};

}  // namespace lockstep
