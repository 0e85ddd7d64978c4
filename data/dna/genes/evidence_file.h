// The evidence of all records of a genome (base_evidence.h), in a temporary file without a name, so
// that memory does not grow with the genome.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/raw_file.h"
#include "data/dna/genes/base_evidence.h"

namespace lockstep {

struct EvidenceRecord {
  std::string name;
  Index begin = 0;  // position of its first base among all bases of the file
  Index bases = 0;
  bool circular = false;
};

class EvidenceFile {
 public:
  // Makes the file beside `path`. IoError if it cannot be made there.
  EvidenceFile(const std::string& path, BaseLabels labels);

  // Adds bases of a record, in order. A new record begins when `record` differs from the last.
  void Add(Index record, const std::string& name, std::span<const std::uint8_t> codes,
           std::span<const float> logits);
  // Says that a record is circular.
  void SetCircular(std::size_t record) { records_[record].circular = true; }

  const std::vector<EvidenceRecord>& records() const { return records_; }
  Index bases() const { return bases_; }
  BaseLabels labels() const { return labels_; }
  // The evidence of the bases [begin, end) of a record; positions after the end of a circular
  // record, at most twice its bases, count on from its begin.
  std::vector<std::uint8_t> Read(const EvidenceRecord& record, Index begin, Index end) const;

 private:
  RawFile file_;
  BaseLabels labels_;
  Index record_ = -1;
  Index bases_ = 0;
  std::vector<EvidenceRecord> records_;
  std::vector<std::uint8_t> bytes_;
};

}  // namespace lockstep
