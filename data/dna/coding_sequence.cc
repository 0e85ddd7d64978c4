#include "data/dna/coding_sequence.h"

#include <fmt/format.h>

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

namespace {

// GFF2 groups rows by the first attribute, if it is one of these: `Sequence "t1"`.
std::string GroupOf(const Gff3Row& row) {
  for (const char* key : {"Sequence", "Transcript", "transcript", "mRNA", "CDS", "Gene", "gene"}) {
    const std::string value = AttributeOf(row, key);
    if (!value.empty()) return fmt::format("{}={}", key, value);
  }
  return "";
}

// What the rows of one coding sequence have in common; empty if a row is one by itself. Proteins
// that are equal have one protein_id in several places, and some programs write the same
// transcript_id for all genes, so the gene is named, too.
std::string NameOf(const Gff3Row& row) {
  const bool is_gtf = HasGtfAttributes(row);
  if (const std::string id = AttributeOf(row, "ID"); !is_gtf && !id.empty()) return "ID=" + id;
  if (const std::string parent = AttributeOf(row, "Parent"); !parent.empty())
    return "Parent=" + parent;
  std::string gene = AttributeOf(row, "gene_id");
  if (gene.empty()) gene = AttributeOf(row, "locus_tag");
  for (const char* name : {"transcript_id", "protein_id"}) {
    const std::string value = AttributeOf(row, name);
    const bool says_it = std::string_view(name) == "transcript_id" || !gene.empty();
    if (!value.empty() && says_it) return fmt::format("{}={}/{}", name, value, gene);
  }
  if (!gene.empty()) return "gene=" + gene;
  return is_gtf ? GroupOf(row) : "";
}

// At which ends, the lower and the higher one, the sequence goes on beyond what the row shows.
std::pair<bool, bool> OpenEnds(const Gff3Row& row) {
  // NCBI says it by a range that begins or ends with a full stop.
  const bool low = AttributeOf(row, "start_range").starts_with(".,");
  const bool high = AttributeOf(row, "end_range").ends_with(",.");
  if (low || high) return {low, high};
  if (SaysTrue(row, "partial")) return {true, true};      // it is not said where
  const std::string edges = AttributeOf(row, "partial");  // Prodigal: "10", "01" or "11"
  const bool has_digits = edges.size() == 2 && edges.find_first_not_of("01") == edges.npos;
  return {has_digits && edges[0] == '1', has_digits && edges[1] == '1'};
}

// Rows of a circular record that end at its last base and begin at its first one are read one after
// the other over the origin: the positions of all parts after the origin count on from there.
void JoinOverOrigin(Index length, std::vector<CodingPart>* parts) {
  std::ranges::sort(*parts, {}, &CodingPart::begin);
  if (parts->front().begin != 0 || parts->back().end != length || parts->size() < 2) return;
  std::size_t first = 1;  // the part after the widest gap, which is the first one of the sequence
  for (std::size_t i = 1; i < parts->size(); ++i) {
    const auto gap = [&](std::size_t at) { return (*parts)[at].begin - (*parts)[at - 1].end; };
    if (gap(i) > gap(first)) first = i;
  }
  for (std::size_t i = 0; i < first; ++i) {
    (*parts)[i].begin += length;
    (*parts)[i].end += length;
  }
  std::rotate(parts->begin(), parts->begin() + static_cast<std::ptrdiff_t>(first), parts->end());
}

}  // namespace

CodingSequences::Gathered& CodingSequences::Find(const Gff3Row& row, std::size_t record) {
  const std::string name = NameOf(row);
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
  sequence.is_pseudo |= SaysTrue(row, "pseudo") || !AttributeOf(row, "pseudogene").empty();
  gathered.is_gtf |= HasGtfAttributes(row);
  gathered.has_stop_row |= !IsCdsType(row.type);
  const auto [open_low, open_high] = OpenEnds(row);
  gathered.open_low |= open_low;
  gathered.open_high |= open_high;
  gathered.parent = AttributeOf(row, "Parent");
  gathered.by_parent = !gathered.parent.empty() && AttributeOf(row, "ID").empty();
}

// Sorts the parts, and finds out which ends are those of the gene. `circle` is the length of a
// circular record.
void CodingSequences::Complete(Index circle, Gathered* gathered) {
  CodingSequence& sequence = gathered->sequence;
  if (circle > 0) JoinOverOrigin(circle, &sequence.parts);
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

Index CodingSequences::SharedParents() const {
  std::map<Key, std::vector<const CodingSequence*>> of_parent;
  for (const Gathered& gathered : gathered_) {
    const CodingSequence& sequence = gathered.sequence;
    if (gathered.parent.empty() || sequence.parts.size() > 1) continue;
    of_parent[{sequence.record, sequence.plus_strand ? '+' : '-', gathered.parent}].push_back(
        &sequence);
  }
  Index shared = 0;
  for (auto& [key, sequences] : of_parent) {
    std::ranges::sort(sequences, {}, &CodingSequence::begin);
    bool overlap = false;  // as products of one gene do, but no exons
    for (std::size_t i = 1; i < sequences.size(); ++i)
      overlap = overlap || sequences[i]->begin() < sequences[i - 1]->end();
    if (sequences.size() > 1 && !overlap) shared += std::ssize(sequences);
  }
  return shared;
}

Index CodingSequences::WholeRowsOfParents() const {
  Index rows = 0;
  for (const Gathered& gathered : gathered_) {
    const std::vector<CodingPart>& parts = gathered.sequence.parts;
    const bool are_whole = std::ranges::all_of(parts, [](const CodingPart& part) {
      return part.phase == 0 && part.size() % kCodonPositions == 0;
    });
    if (parts.size() > 1 && gathered.by_parent && are_whole) rows += std::ssize(parts);
  }
  return rows;
}

std::vector<CodingSequence> CodingSequences::Take(FunctionRef<Index(std::size_t)> circle_of) {
  std::vector<CodingSequence> sequences;
  sequences.reserve(gathered_.size());
  for (Gathered& gathered : gathered_) {
    Complete(circle_of(gathered.sequence.record), &gathered);
    sequences.push_back(std::move(gathered.sequence));
  }
  gathered_.clear();
  by_name_.clear();
  return sequences;
}

}  // namespace lockstep
