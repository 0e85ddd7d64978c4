#include "launch/tasks/dna/gene_writer.h"

#include <algorithm>
#include <cmath>
#include <string_view>

#include "base/error.h"
#include "data/dna/dna_corpus.h"

namespace lockstep {
namespace {

constexpr Index kClasses = 3;

// GFF3 allows these in a seqid; all others are written as %XX.
std::string EscapeSeqid(const std::string& name) {
  constexpr std::string_view kAllowed = ".:^*$@!+_?-|";
  std::string escaped;
  for (const char c : name) {
    const bool plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                       kAllowed.find(c) != std::string_view::npos;
    escaped += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return escaped;
}

// The likeliest class of a base, the first of equals, and its softmax.
struct Label {
  Index label;
  double posterior;
};

Label LabelOf(const float* logits) {
  const float* const best = std::max_element(logits, logits + kClasses);
  double sum = 0;
  for (Index c = 0; c < kClasses; ++c) sum += std::exp(static_cast<double>(logits[c] - *best));
  return {best - logits, 1 / sum};
}

}  // namespace

GeneWriter::GeneWriter(const std::string& path, Index min_length)
    : part_(path), file_(part_.temporary_path()), min_length_(min_length) {
  if (!file_) {
    throw IoError(fmt::format("cannot create {}: {}", path, ErrnoText()), ExitCode::kCannotCreate);
  }
  file_ << "##gff-version 3\n";
}

void GeneWriter::Add(Index record, const std::string& record_name, Index start,
                     std::span<const float> logits) {
  const Index bases = static_cast<Index>(logits.size()) / kClasses;
  for (Index i = 0; i < bases; ++i) {
    const Label base = LabelOf(logits.data() + i * kClasses);
    if (record != run_.record || base.label != run_.label) {
      EndRun();
      if (record != run_.record) seqid_ = EscapeSeqid(record_name);
      run_ = {record, base.label, start + i, 0, 0};
    }
    ++run_.bases;
    run_.posterior += base.posterior;
  }
}

void GeneWriter::EndRun() {
  if (run_.record < 0 || run_.label == kOtherClass || run_.bases < min_length_) return;
  ++rows_;
  file_ << fmt::format("{}\tlockstep\tCDS\t{}\t{}\t{:.4f}\t{}\t.\tID=cds{}\n", seqid_,
                       run_.start + 1, run_.start + run_.bases,
                       run_.posterior / static_cast<double>(run_.bases),
                       run_.label == kCodingPlusClass ? '+' : '-', rows_);
}

void GeneWriter::Finish() {
  EndRun();
  run_ = {};
  file_.close();
  if (!file_) throw IoError(fmt::format("cannot write {}: {}", part_.path(), ErrnoText()));
  part_.Publish();
}

}  // namespace lockstep
