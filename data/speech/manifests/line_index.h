// Looks up lines of a text file by their first word, and knows which were never asked for. Takes 16
// bytes per line (160 MB for 10^7
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
  // Reads the file once. Lines end with LF, CRLF or CR; a byte order mark before the first is
  // passed over. MissingInput if the file does not exist; BadData if it is compressed or UTF-16.
  explicit LineIndex(const std::string& path);

  // Returns the number of lines that begin with the word: 0, 1, or 2 for two or more. Sets `rest`
  // to the text after the word on the first of them, without blanks at its ends.
  int Find(std::string_view word, std::string* rest);

  // The number of lines that no call of Find has found, and the first word of the first of them.
  Index unused() const;
  std::string FirstUnused() const;

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

  std::string ReadLine(Index offset) const;

  RawFile file_;
  Index file_bytes_;
  std::vector<Entry> entries_;  // sorted
  std::vector<bool> used_;      // one for each entry
};

}  // namespace lockstep
