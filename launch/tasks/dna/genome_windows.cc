#include "launch/tasks/dna/genome_windows.h"

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "data/batch/pack_ids.h"
#include "data/stream/epoch_plan.h"

namespace lockstep {
namespace {

SlotBatch PackSlot(const std::vector<GenomeWindow>& windows, Index first_id,
                   const std::vector<SampleRef>& samples) {
  std::vector<IdSequence<std::uint8_t>> members;
  members.reserve(samples.size());
  for (const SampleRef& sample : samples) {
    members.push_back({static_cast<std::uint64_t>(first_id + sample.record),
                       windows[static_cast<std::size_t>(sample.record)].codes});
  }
  return PackIds(members);
}

}  // namespace

GenomeWindows::GenomeWindows(const std::string& fasta, Index window, Index overlap,
                             std::vector<std::uint8_t> gc_bins)
    : fasta_(fasta),
      reader_(fasta),
      gc_bins_(std::move(gc_bins)),
      core_(window - 2 * overlap),
      overlap_(overlap) {}

std::vector<GenomeWindow> GenomeWindows::Next(Index most) {
  std::vector<GenomeWindow> windows;
  while (static_cast<Index>(windows.size()) < most && FindWindow()) {
    windows.push_back(CutWindow());
  }
  return windows;
}

// Reads until the next window and its context are there, in this record or a later one.
bool GenomeWindows::FindWindow() {
  while (!record_ends_ && gathered() < next_core_ + core_ + overlap_) ReadPiece();
  if (next_core_ < gathered()) return true;
  if (record_ < 0) ReadPiece();
  if (at_end_) return false;
  BeginRecord();
  return FindWindow();
}

// Adds the next piece to the current record, or keeps it for the record that begins with it.
void GenomeWindows::ReadPiece() {
  at_end_ = !reader_.Next(&piece_);
  record_ends_ = at_end_ || piece_.begins_record;
  if (record_ends_) return;
  // What lies before the left context of the next window is used up. Once a piece, so that moving
  // the rest to the front costs nothing to speak of.
  const Index keep_from = std::max(buffer_start_, next_core_ - overlap_);
  codes_.erase(codes_.begin(), codes_.begin() + (keep_from - buffer_start_));
  buffer_start_ = keep_from;
  codes_.insert(codes_.end(), piece_.codes.begin(), piece_.codes.end());
}

void GenomeWindows::BeginRecord() {
  ++record_;
  if (!gc_bins_.empty() && record_ >= static_cast<Index>(gc_bins_.size()))
    throw BadData("{}: changed while it was read; run the command again", fasta_);
  names_.Add(fasta_, reader_);
  record_name_ = reader_.record_name();
  record_ends_ = false;
  codes_.assign(piece_.codes.begin(), piece_.codes.end());
  buffer_start_ = 0;
  next_core_ = 0;
}

GenomeWindow GenomeWindows::CutWindow() {
  const Index begin = std::max(Index{0}, next_core_ - overlap_);
  const Index core_end = std::min(gathered(), next_core_ + core_);
  const Index end = std::min(gathered(), core_end + overlap_);
  GenomeWindow window{record_, record_name_, begin, next_core_ - begin, core_end - begin, {}};
  window.codes.assign(codes_.begin() + (begin - buffer_start_),
                      codes_.begin() + (end - buffer_start_));
  if (!gc_bins_.empty()) window.gc_bin = gc_bins_[static_cast<std::size_t>(record_)];
  next_core_ = core_end;
  return window;
}

std::vector<SlotBatch> PackWindows(const std::vector<GenomeWindow>& windows, Index first_id,
                                   Index slots) {
  std::vector<SampleRef> samples;
  for (std::size_t i = 0; i < windows.size(); ++i) {
    const Index length = static_cast<Index>(windows[i].codes.size());
    samples.push_back({0, static_cast<std::int32_t>(i), length});
  }
  std::vector<SlotBatch> packed;
  for (const std::vector<SampleRef>& members : DealToSlots(samples, slots)) {
    packed.push_back(PackSlot(windows, first_id, members));
  }
  return packed;
}

}  // namespace lockstep
