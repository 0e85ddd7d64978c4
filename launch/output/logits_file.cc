#include "launch/output/logits_file.h"

#include <array>

#include "base/error.h"

namespace lockstep {

LogitsFile::LogitsFile(const std::string& path, const CorpusInfo& corpus)
    : part_(path),
      file_(Hdf5File::Create(part_.temporary_path())),
      width_(corpus.target().is_real() ? corpus.target().width
                                       : static_cast<Index>(corpus.classes().size())) {
  if (corpus.target().is_real()) return;
  file_.WriteText("classes", fmt::format("{}", fmt::join(corpus.classes(), "\n")));
}

void LogitsFile::Add(std::uint64_t sample_id, std::span<const float> logits) {
  const Index steps = static_cast<Index>(logits.size()) / width_;
  file_.Write<float>(fmt::format("logits/{}", sample_id), {steps, width_}, logits);
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
