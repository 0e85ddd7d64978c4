// The classes that a model can give to the bases of a genome. A corpus has one of two sets:
//
//   strand   0 other, 1 coding+, 2 coding-
//   frame    0 other, then for each strand, + first, and each kind of codon (inner, start, stop)
//            the three positions of a base in its codon: coding+1 coding+2 coding+3 start+1 ...
//            stop-3, together 19 classes
//
// Positions in a codon count in the direction in which the gene is read. So when a window is read
// from its other strand, a class only changes its strand, and bases of one gene on the - strand
// have the positions 3 2 1 3 2 1 in the order of the + strand.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "data/batch/schema.h"

namespace lockstep {

enum class BaseLabels { kStrand, kFrame };

// The classes of BaseLabels::kStrand. kOtherClass is the same in both sets.
inline constexpr std::uint8_t kOtherClass = 0;
inline constexpr std::uint8_t kCodingPlusClass = 1;
inline constexpr std::uint8_t kCodingMinusClass = 2;

// The codons of a gene: its first, its last, and those between.
enum class CodonKind { kInner, kStart, kStop };

inline constexpr int kCodonPositions = 3;
inline constexpr int kCodonKinds = 3;
inline constexpr int kFrameClasses = 1 + 2 * kCodonKinds * kCodonPositions;

// The class of BaseLabels::kFrame of a base at `position` (0 to 2) of a codon.
constexpr std::uint8_t FrameClass(bool plus_strand, CodonKind kind, int position) {
  return static_cast<std::uint8_t>(
      1 + ((plus_strand ? 0 : kCodonKinds) + static_cast<int>(kind)) * kCodonPositions + position);
}

// The classes that may follow each class of BaseLabels::kFrame in the direction of the + strand:
// the positions of codons go on, a gene begins with its start codon and ends after its stop codon,
// genes may be cut off or interrupted by other bases, and start and stop codons of a gene may lie
// in another gene.
LabelOrder FrameOrder();

// The classes with their names, strand complements and order, as the target vocabulary of a corpus.
Vocabulary ClassesOf(BaseLabels labels);

// The set that the class names of a corpus belong to; nothing if they are no classes of bases.
std::optional<BaseLabels> BaseLabelsOf(const std::vector<std::string>& class_names);

// "strand" or "frame"; UsageError for another name.
BaseLabels BaseLabelsFromName(const std::string& name);

}  // namespace lockstep
