// An output that appears whole or not at all: it is written under a temporary name beside its own,
// and gets its own when it is complete. An existing file is never replaced.
#pragma once

#include <string>

namespace lockstep {

class PartFile {
 public:
  // Creates an empty file under a temporary name that nobody can guess. IoError (cannot create)
  // when that fails, and when `path` exists, also as a link, or has no folder.
  explicit PartFile(const std::string& path);
  // Removes what was not published.
  ~PartFile();
  PartFile(const PartFile&) = delete;
  PartFile& operator=(const PartFile&) = delete;

  const std::string& path() const { return path_; }
  // Where the owner writes: a file that is there, and empty.
  const std::string& temporary_path() const { return temporary_path_; }

  // Gives the closed file its name, durably. Once.
  void Publish();

 private:
  std::string path_;
  std::string temporary_path_;
};

}  // namespace lockstep
