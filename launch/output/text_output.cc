#include "launch/output/text_output.h"

#include <iostream>

#include "base/error.h"

namespace lockstep {

TextOutput::TextOutput(const std::optional<std::string>& path) {
  if (!path) return;
  part_.emplace(*path);
  file_.open(part_->temporary_path());
}

std::ostream& TextOutput::stream() { return part_ ? file_ : std::cout; }

void TextOutput::Finish() {
  stream().flush();
  if (part_) file_.close();
  if (!stream()) {
    throw IoError(fmt::format("{} could not be written; is the disk full?",
                              part_ ? part_->path() : "standard output"));
  }
  if (part_) part_->Publish();
}

}  // namespace lockstep
