// An output file that appears whole or not at all: it is written under a temporary name in the same
// folder, and renamed when it is complete. An existing file is never replaced.
#pragma once

#include <string>

namespace lockstep {

class PartFile {
 public:
  // Creates an empty file with a temporary name that cannot be guessed. IoError (kCannotCreate) if
  // that fails, if `path` exists (also as a link), or if its folder does not exist.
  explicit PartFile(const std::string& path);
  // Removes the file if it was not published.
  ~PartFile();
  PartFile(const PartFile&) = delete;
  PartFile& operator=(const PartFile&) = delete;

  const std::string& path() const { return path_; }
  // The path to write to; the file exists and is empty.
  const std::string& temporary_path() const { return temporary_path_; }

  // Gives the file, which must be closed, its final name, durably. May be called once.
  void Publish();

 private:
  std::string path_;
  std::string temporary_path_;
};

}  // namespace lockstep
