#include "data/dna/genes/gene_comparison.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "data/dna/base_labels.h"
#include "data/dna/label_file.h"

namespace lockstep {
namespace {

void PaintStrands(const Genome& genome, const std::vector<CodingSequence>& sequences,
                  LabelFile* labels) {
  for (const CodingSequence& sequence : sequences) {
    const GenomeRecord& record = genome.records[sequence.record];
    const std::uint8_t label = sequence.plus_strand ? kCodingPlusClass : kCodingMinusClass;
    for (const CodingPart& part : sequence.parts) {
      const Index origin = std::clamp(record.length, part.begin, part.end);
      labels->Paint(record.begin + part.begin, record.begin + origin, label);
      const Index after = record.begin - record.length;  // the base after the origin is its first
      if (part.end > origin) labels->Paint(after + origin, after + part.end, label);
    }
  }
}

std::size_t LengthRow(const CodingSequence& sequence) {
  const auto& limits = GeneComparison::kLengthLimits;
  return static_cast<std::size_t>(std::upper_bound(limits.begin(), limits.end(), sequence.bases()) -
                                  limits.begin());
}

class Comparison {
 public:
  Comparison(const Genome& genome, const std::vector<SplitRange>& ranges)
      : genome_(genome), ranges_(ranges) {}

  void CountBases(const LabelFile& annotated, const LabelFile& found) {
    constexpr Index kPiece = Index{1} << 20;
    std::vector<std::uint8_t> truths, founds;
    for (const SplitRange& range : ranges_) {
      for (Index begin = range.begin; begin < range.end; begin += kPiece) {
        truths.resize(static_cast<std::size_t>(std::min(kPiece, range.end - begin)));
        founds.resize(truths.size());
        annotated.Read(begin, truths);
        found.Read(begin, founds);
        for (std::size_t i = 0; i < truths.size(); ++i) ++result_.bases[truths[i]][founds[i]];
      }
    }
  }

  void TakeAnnotated(const std::vector<CodingSequence>& sequences) {
    for (const CodingSequence& sequence : sequences) {
      if (!IsInRange(sequence)) continue;
      by_stop_[StopOf(sequence)] = &sequence;
      if (sequence.is_pseudo) {
        ++result_.pseudo_annotated;
      } else {
        ++result_.genes.annotated;
        ++result_.by_length[LengthRow(sequence)].annotated;
      }
    }
  }

  void TakeFound(const std::vector<CodingSequence>& sequences) {
    for (const CodingSequence& sequence : sequences) {
      if (!IsInRange(sequence)) continue;
      const auto match = by_stop_.find(StopOf(sequence));
      const CodingSequence* const annotated = match == by_stop_.end() ? nullptr : match->second;
      if (annotated != nullptr && annotated->is_pseudo) {
        ++result_.pseudo_found;
        continue;
      }
      ++result_.genes.found;
      ++result_.by_length[LengthRow(sequence)].found;
      if (annotated != nullptr) CountMatch(*annotated, sequence);
    }
  }

  const GeneComparison& result() const { return result_; }

 private:
  using Stop = std::tuple<std::size_t, bool, Index>;  // record, strand, last base
  static Stop StopOf(const CodingSequence& sequence) {
    return {sequence.record, sequence.plus_strand, sequence.last_base()};
  }

  void CountMatch(const CodingSequence& annotated, const CodingSequence& found) {
    const bool both = annotated.begin() == found.begin() && annotated.end() == found.end();
    GeneCounts& row = result_.by_length[LengthRow(annotated)];
    for (GeneCounts* counts : {&result_.genes, &row}) {
      ++counts->stops;
      counts->both += both ? 1 : 0;
    }
    ++result_.right_by_length[LengthRow(found)];
  }

  bool IsInRange(const CodingSequence& sequence) const {
    const Index begin = genome_.records[sequence.record].begin + sequence.begin();
    const Index end = genome_.records[sequence.record].begin + sequence.end();
    const Index within = std::min(
        end, genome_.records[sequence.record].begin + genome_.records[sequence.record].length);
    return std::any_of(ranges_.begin(), ranges_.end(), [&](const SplitRange& range) {
      return begin >= range.begin && within <= range.end;
    });
  }

  const Genome& genome_;
  const std::vector<SplitRange>& ranges_;
  std::map<Stop, const CodingSequence*> by_stop_;
  GeneComparison result_;
};

}  // namespace

GeneComparison CompareGenes(const Genome& genome, const std::vector<SplitRange>& ranges,
                            const std::vector<CodingSequence>& annotated,
                            const std::vector<CodingSequence>& found, const std::string& folder) {
  LabelFile truths(folder, genome.bases), founds(folder, genome.bases);
  PaintStrands(genome, annotated, &truths);
  PaintStrands(genome, found, &founds);
  Comparison comparison(genome, ranges);
  comparison.CountBases(truths, founds);
  comparison.TakeAnnotated(annotated);
  comparison.TakeFound(found);
  return comparison.result();
}

}  // namespace lockstep
