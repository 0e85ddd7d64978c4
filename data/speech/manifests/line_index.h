// Looks up lines of a text file by their first word. Takes 16 bytes per line (160 MB for 10^7
// lines), whatever the lines contain: words are stored as 64-bit hashes, and compared in full when
// a line is read.
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
  // Reads the file once. MissingInput if it does not exist.
  explicit LineIndex(const std::string& path);

  // Returns the number of lines that begin with the word: 0, 1, or 2 for two or more. Sets `rest`
  // to the text after the word on the first of them, without blanks at its ends.
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
