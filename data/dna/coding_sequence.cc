#include "data/dna/coding_sequence.h"

#include <algorithm>
#include <utility>

#include "data/dna/base_labels.h"

namespace lockstep {

Index CodingSequence::bases() const {
  Index sum = 0;
  for (const CodingPart& part : parts) sum += part.size();
  return sum;
}

Index CodingSequence::begin() const {
  return std::min_element(parts.begin(), parts.end(),
                          [](const auto& a, const auto& b) { return a.begin < b.begin; })
      ->begin;
}

Index CodingSequence::end() const {
  return std::max_element(parts.begin(), parts.end(),
                          [](const auto& a, const auto& b) { return a.end < b.end; })
      ->end;
}

CodingSequences::Gathered& CodingSequences::Find(const Gff3Row& row, std::size_t record) {
  const std::string name = AttributeOf(row, HasGtfAttributes(row) ? "transcript_id" : "ID");
  std::size_t at = gathered_.size();
  if (!name.empty()) at = by_name_.try_emplace({record, row.strand, name}, at).first->second;
  if (at == gathered_.size()) gathered_.emplace_back();
  return gathered_[at];
}

void CodingSequences::Add(const Gff3Row& row, std::size_t record) {
  Gathered& gathered = Find(row, record);
  CodingSequence& sequence = gathered.sequence;
  sequence.record = record;
  sequence.plus_strand = row.strand == '+';
  sequence.parts.push_back({row.start - 1, row.end, row.phase});
  sequence.is_pseudo |=
      AttributeOf(row, "pseudo") == "true" || !AttributeOf(row, "pseudogene").empty();
  gathered.is_gtf |= HasGtfAttributes(row);
  gathered.has_stop_row |= !IsCdsType(row.type);
  // NCBI says at which end a feature is incomplete by a range that begins or ends with a full stop.
  const bool low = AttributeOf(row, "start_range").starts_with(".,");
  const bool high = AttributeOf(row, "end_range").ends_with(",.");
  const bool somewhere = !low && !high && AttributeOf(row, "partial") == "true";
  gathered.open_low |= low || somewhere;
  gathered.open_high |= high || somewhere;
}

// Sorts the parts, and finds out which ends are those of the gene.
void CodingSequences::Complete(Gathered* gathered) {
  CodingSequence& sequence = gathered->sequence;
  std::stable_sort(sequence.parts.begin(), sequence.parts.end(),
                   [&](const CodingPart& a, const CodingPart& b) {
                     return sequence.plus_strand ? a.begin < b.begin : a.end > b.end;
                   });
  const bool open_first = sequence.plus_strand ? gathered->open_low : gathered->open_high;
  const bool open_last = sequence.plus_strand ? gathered->open_high : gathered->open_low;
  const int first_phase = std::max(sequence.parts.front().phase, 0);
  // Codons after a frameshift are counted by the phase of the last row.
  const CodingPart& last = sequence.parts.back();
  const Index counted = last.phase < 0 ? sequence.bases() - first_phase : last.size() - last.phase;
  sequence.has_start = !open_first && first_phase == 0;
  sequence.has_stop =
      !open_last && counted % kCodonPositions == 0 && (!gathered->is_gtf || gathered->has_stop_row);
}

std::vector<CodingSequence> CodingSequences::Take() {
  std::vector<CodingSequence> sequences;
  sequences.reserve(gathered_.size());
  for (Gathered& gathered : gathered_) {
    Complete(&gathered);
    sequences.push_back(std::move(gathered.sequence));
  }
  gathered_.clear();
  by_name_.clear();
  return sequences;
}

}  // namespace lockstep
