#include "launch/output/logits_file.h"

#include <array>

#include "base/error.h"
#include "launch/output/cell_text.h"

namespace lockstep {
namespace {

Index WidthOf(const CorpusInfo& corpus) {
  return corpus.target().is_real() ? corpus.target().width
                                   : static_cast<Index>(corpus.classes().size());
}

}  // namespace

LogitsFile::LogitsFile(const std::string& path, const CorpusInfo& corpus)
    : part_(path),
      file_(Hdf5File::Create(part_.temporary_path())),
      width_(WidthOf(corpus)),
      logits_(file_, "logits", ElementTypeOf<float>(), width_),
      offsets_(file_, "offsets", ElementTypeOf<std::int64_t>(), 0),
      sample_ids_(file_, "sample_ids", ElementTypeOf<std::uint64_t>(), 0) {
  offsets_.Append<std::int64_t>(0);
  if (corpus.has_names) names_.emplace(file_, "names");
  if (corpus.target().is_real()) return;
  file_.WriteText("classes", fmt::format("{}", fmt::join(CellTexts(corpus.classes()), "\n")));
}

void LogitsFile::Add(std::uint64_t sample_id, std::span<const float> logits) {
  logits_.Append(logits);
  offsets_.Append<std::int64_t>(logits_.rows());
  sample_ids_.Append(sample_id);
}

void LogitsFile::AddLabels(std::span<const std::int32_t> labels) {
  if (!labels_) labels_.emplace(file_, "labels", ElementTypeOf<std::int32_t>(), 0);
  labels_->Append(labels);
}

void LogitsFile::AddName(const std::string& name) { names_->Append(name); }

void LogitsFile::AddWindow(Index record, const std::string& record_name, Index start,
                           Index length) {
  if (!windows_) {
    windows_.emplace(file_, "windows", ElementTypeOf<std::int64_t>(), 3);
    record_names_.emplace(file_, "record_names");
  }
  const std::array<std::int64_t, 3> place{record, start, length};
  windows_->Append(std::span<const std::int64_t>(place));
  if (record < records_) return;
  record_names_->Append(record_name);
  records_ = record + 1;
}

void LogitsFile::Finish() {
  logits_.Finish();
  offsets_.Finish();
  sample_ids_.Finish();
  if (labels_) labels_->Finish();
  if (names_) names_->Finish();
  if (windows_) {
    windows_->Finish();
    record_names_->Finish();
  }
  file_.Close();
  part_.Publish();
}

}  // namespace lockstep
