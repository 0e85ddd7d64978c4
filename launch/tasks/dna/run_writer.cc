#include "launch/tasks/dna/run_writer.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "base/error.h"
#include "data/dna/dna_corpus.h"
#include "data/dna/fasta.h"
#include "launch/tasks/dna/seqid.h"

namespace lockstep {
namespace {

// The likeliest class of a base, coding on one strand or other, and its probability.
struct Label {
  Index label;
  double posterior;
};

// Sums over the classes of a strand. Of equal ones, the first.
Label LabelOf(std::span<const float> logits) {
  const float top = *std::max_element(logits.begin(), logits.end());
  const std::size_t of_strand = (logits.size() - 1) / 2;
  std::array<double, 3> sums{};
  for (std::size_t c = 0; c < logits.size(); ++c)
    sums[c == 0 ? 0 : 1 + (c - 1) / of_strand] += std::exp(static_cast<double>(logits[c] - top));
  const auto best = std::max_element(sums.begin(), sums.end());
  return {best - sums.begin(), *best / (sums[0] + sums[1] + sums[2])};
}

}  // namespace

RunWriter::RunWriter(const std::string& path, BaseLabels labels, Index min_length)
    : part_(path), file_(part_.temporary_path()), labels_(labels), min_length_(min_length) {
  if (!file_) {
    throw IoError(fmt::format("cannot create {}: {}", path, ErrnoText()), ExitCode::kCannotCreate);
  }
  file_ << "##gff-version 3\n";
}

void RunWriter::Add(Index record, const std::string& record_name,
                    std::span<const std::uint8_t> codes, std::span<const float> logits) {
  const std::size_t classes = ClassesOf(labels_).names.size();
  LOCKSTEP_CHECK_EQ(codes.size() * classes, logits.size());
  if (record != record_) BeginRecord(record, record_name);
  for (std::size_t i = 0; i < codes.size(); ++i) {
    const Label label = LabelOf(logits.subspan(i * classes, classes));
    const Base base{codes[i], label.label, label.posterior};
    if (base.code == kBaseN) {
      AddAmbiguous(base);
    } else {
      EndAmbiguous();
      AddToRun(base);
    }
  }
}

void RunWriter::BeginRecord(Index record, const std::string& name) {
  EndRecord();
  record_ = record;
  seqid_ = EscapeSeqid(name);
}

void RunWriter::EndRecord() {
  if (record_ < 0) return;
  EndAmbiguous();
  EndRun();
  file_ << fmt::format("##sequence-region {} 1 {}\n", seqid_, length_) << lines_;
  lines_.clear();
  length_ = 0;
}

// Keeps the bases until it is clear whether they are a gap.
void RunWriter::AddAmbiguous(const Base& base) {
  if (!in_gap_) ambiguous_.push_back(base);
  if (static_cast<Index>(ambiguous_.size()) == kShortestGap) {
    for (const Base& gap : ambiguous_) AddToRun({gap.code, kOtherClass, 1});
    ambiguous_.clear();
    in_gap_ = true;
  } else if (in_gap_) {
    AddToRun({base.code, kOtherClass, 1});
  }
}

void RunWriter::EndAmbiguous() {
  for (const Base& base : ambiguous_) AddToRun(base);
  ambiguous_.clear();
  in_gap_ = false;
}

void RunWriter::AddToRun(const Base& base) {
  if (run_.bases == 0 || base.label != run_.label) {
    EndRun();
    run_ = {base.label, length_, 0, 0, ReadingFrame(base.label == kCodingPlusClass)};
  }
  ++length_;
  ++run_.bases;
  run_.posterior += base.posterior;
  if (base.label != kOtherClass) run_.frame.Add(base.code);
}

void RunWriter::EndRun() {
  const Run run = std::exchange(run_, {});
  if (run.bases == 0 || run.label == kOtherClass || run.bases < min_length_) return;
  ++rows_;
  lines_ +=
      fmt::format("{}\tlockstep\tCDS\t{}\t{}\t{:.4f}\t{}\t{}\tID=cds{}\n", seqid_, run.start + 1,
                  run.start + run.bases, run.posterior / static_cast<double>(run.bases),
                  run.label == kCodingPlusClass ? '+' : '-', run.frame.Phase(), rows_);
}

void RunWriter::Finish() {
  EndRecord();
  record_ = -1;
  file_.close();
  if (!file_) throw IoError(fmt::format("cannot write {}: {}", part_.path(), ErrnoText()));
  part_.Publish();
}

}  // namespace lockstep
