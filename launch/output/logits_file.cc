#include "launch/output/logits_file.h"

#include <array>

#include "base/error.h"

namespace lockstep {

LogitsFile::LogitsFile(const std::string& path, const std::vector<std::string>& classes)
    : part_(path),
      file_(Hdf5File::Create(part_.temporary_path())),
      classes_(static_cast<Index>(classes.size())) {
  file_.WriteText("classes", fmt::format("{}", fmt::join(classes, "\n")));
}

void LogitsFile::Add(std::uint64_t sample_id, std::span<const float> logits) {
  const Index steps = static_cast<Index>(logits.size()) / classes_;
  file_.Write<float>(fmt::format("logits/{}", sample_id), {steps, classes_}, logits);
}

void LogitsFile::AddWindow(std::uint64_t sample_id, Index record, Index start, Index length) {
  const std::array<std::int64_t, 3> place{record, start, length};
  file_.Write<std::int64_t>(fmt::format("windows/{}", sample_id), {3}, place);
}

void LogitsFile::Finish() {
  file_.Close();
  part_.Publish();
}

}  // namespace lockstep
