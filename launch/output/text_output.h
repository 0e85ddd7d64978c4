// Text that a verb gives out: to a file that appears whole or not at all, or to standard output.
#pragma once

#include <fstream>
#include <optional>
#include <string>

#include "launch/output/part_file.h"

namespace lockstep {

class TextOutput {
 public:
  // Without a path: standard output. Errors are those of PartFile.
  explicit TextOutput(const std::optional<std::string>& path);

  std::ostream& stream();
  // Publishes the file. IoError when something could not be written. Once, at the end.
  void Finish();

 private:
  std::optional<PartFile> part_;
  std::ofstream file_;
};

}  // namespace lockstep
