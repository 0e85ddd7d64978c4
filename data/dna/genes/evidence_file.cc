#include "data/dna/genes/evidence_file.h"

#include <algorithm>

#include "base/own_file.h"

namespace lockstep {

EvidenceFile::EvidenceFile(const std::string& path, BaseLabels labels)
    : file_(RawFile::CreateUnnamed(TemporaryPath(path), 0)), labels_(labels) {}

void EvidenceFile::Add(Index record, const std::string& name, std::span<const std::uint8_t> codes,
                       std::span<const float> logits) {
  if (record != record_) {
    records_.push_back({name, bases_, 0});
    record_ = record;
  }
  bytes_.clear();
  AppendEvidence(labels_, codes, logits, &bytes_);
  file_.WriteAt(bases_ * kEvidenceBytes, std::as_bytes(std::span(bytes_)));
  bases_ += static_cast<Index>(codes.size());
  records_.back().bases += static_cast<Index>(codes.size());
}

std::vector<std::uint8_t> EvidenceFile::Read(const EvidenceRecord& record, Index begin,
                                             Index end) const {
  std::vector<std::uint8_t> bytes(static_cast<std::size_t>((end - begin) * kEvidenceBytes));
  const auto all = std::as_writable_bytes(std::span(bytes));
  for (Index at = begin; at < end;) {
    const Index in_record = at % record.bases;
    const Index count = std::min(end - at, record.bases - in_record);
    file_.ReadAt((record.begin + in_record) * kEvidenceBytes,
                 all.subspan(static_cast<std::size_t>((at - begin) * kEvidenceBytes),
                             static_cast<std::size_t>(count * kEvidenceBytes)));
    at += count;
  }
  return bytes;
}

}  // namespace lockstep
