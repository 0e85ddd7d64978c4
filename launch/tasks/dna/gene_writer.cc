#include "launch/tasks/dna/gene_writer.h"

#include <algorithm>
#include <cmath>
#include <string_view>
#include <utility>

#include "base/error.h"
#include "data/dna/dna_corpus.h"
#include "data/dna/fasta.h"

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

void GeneWriter::Add(Index record, const std::string& record_name,
                     std::span<const std::uint8_t> codes, std::span<const float> logits) {
  LOCKSTEP_CHECK_EQ(codes.size() * kClasses, logits.size());
  if (record != record_) BeginRecord(record, record_name);
  for (std::size_t i = 0; i < codes.size(); ++i) {
    const Label label = LabelOf(logits.data() + i * kClasses);
    const Base base{codes[i], label.label, label.posterior};
    if (base.code == kBaseN) {
      AddAmbiguous(base);
    } else {
      EndAmbiguous();
      AddToRun(base);
    }
  }
}

void GeneWriter::BeginRecord(Index record, const std::string& name) {
  EndRecord();
  record_ = record;
  seqid_ = EscapeSeqid(name);
}

void GeneWriter::EndRecord() {
  if (record_ < 0) return;
  EndAmbiguous();
  EndRun();
  file_ << fmt::format("##sequence-region {} 1 {}\n", seqid_, length_) << lines_;
  lines_.clear();
  length_ = 0;
}

// Keeps the bases until it is clear whether they are a gap.
void GeneWriter::AddAmbiguous(const Base& base) {
  if (!in_gap_) ambiguous_.push_back(base);
  if (static_cast<Index>(ambiguous_.size()) == kShortestGap) {
    for (const Base& gap : ambiguous_) AddToRun({gap.code, kOtherClass, 1});
    gap_bases_ += kShortestGap;
    ambiguous_.clear();
    in_gap_ = true;
  } else if (in_gap_) {
    AddToRun({base.code, kOtherClass, 1});
    ++gap_bases_;
  }
}

void GeneWriter::EndAmbiguous() {
  for (const Base& base : ambiguous_) AddToRun(base);
  ambiguous_bases_ += static_cast<Index>(ambiguous_.size());
  ambiguous_.clear();
  in_gap_ = false;
}

void GeneWriter::AddToRun(const Base& base) {
  if (run_.bases == 0 || base.label != run_.label) {
    EndRun();
    run_ = {base.label, length_, 0, 0, ReadingFrame(base.label == kCodingPlusClass)};
  }
  ++length_;
  ++run_.bases;
  run_.posterior += base.posterior;
  if (base.label != kOtherClass) run_.frame.Add(base.code);
}

void GeneWriter::EndRun() {
  const Run run = std::exchange(run_, {});
  if (run.bases == 0 || run.label == kOtherClass || run.bases < min_length_) return;
  ++rows_;
  lines_ +=
      fmt::format("{}\tlockstep\tCDS\t{}\t{}\t{:.4f}\t{}\t{}\tID=cds{}\n", seqid_, run.start + 1,
                  run.start + run.bases, run.posterior / static_cast<double>(run.bases),
                  run.label == kCodingPlusClass ? '+' : '-', run.frame.Phase(), rows_);
}

void GeneWriter::Finish() {
  EndRecord();
  record_ = -1;
  file_.close();
  if (!file_) throw IoError(fmt::format("cannot write {}: {}", part_.path(), ErrnoText()));
  part_.Publish();
}

}  // namespace lockstep
