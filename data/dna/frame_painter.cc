#include "data/dna/frame_painter.h"

#include <algorithm>

#include "data/dna/base_labels.h"

namespace lockstep {
namespace {

// The classes of one part, base by base in the order in which they are read.
class PartClasses {
 public:
  // `before` counts the bases of the parts that are read before this one.
  PartClasses(const CodingSequence& sequence, const CodingPart& part, Index before)
      : sequence_(sequence),
        part_(part),
        before_(before),
        phase_(part.phase >= 0 ? part.phase : FollowingPhase(sequence, before)),
        stop_begins_(sequence.bases() - kCodonPositions) {}

  // The class of the base at `position` in the record, if it lies in a codon of that kind;
  // otherwise kOtherClass.
  std::uint8_t At(Index position, CodonKind kind) const {
    const Index offset = sequence_.plus_strand ? position - part_.begin : part_.end - 1 - position;
    if (KindAt(before_ + offset) != kind) return kOtherClass;
    if (sequence_.is_pseudo) return kUnlabelledBase;
    const Index in_codon = (offset + kCodonPositions - phase_) % kCodonPositions;
    return FrameClass(sequence_.plus_strand, kind, static_cast<int>(in_codon));
  }

 private:
  // `read` counts the bases of the sequence that are read before.
  CodonKind KindAt(Index read) const {
    if (sequence_.is_pseudo) return CodonKind::kInner;
    if (sequence_.has_stop && read >= stop_begins_) return CodonKind::kStop;
    return sequence_.has_start && read < kCodonPositions ? CodonKind::kStart : CodonKind::kInner;
  }

  // The phase of a part that does not say it: the codons go on where the part before it ended.
  static int FollowingPhase(const CodingSequence& sequence, Index before) {
    const Index coding = before - std::max(sequence.parts.front().phase, 0);
    return before == 0
               ? 0
               : static_cast<int>((kCodonPositions - coding % kCodonPositions) % kCodonPositions);
  }

  const CodingSequence& sequence_;
  const CodingPart& part_;
  Index before_;
  int phase_;
  Index stop_begins_;
};

// Paints the bases [begin, end) of a part, which do not cross the origin of a circular record.
// `target` is the position among all bases of the one that is numbered `begin`.
void PaintPart(const PartClasses& classes, CodonKind kind, Index begin, Index end, Index target,
               LabelFile* labels) {
  constexpr Index kPiece = Index{1} << 16;
  std::vector<std::uint8_t> piece;
  for (Index start = begin; start < end; start += kPiece) {
    piece.clear();
    for (Index i = start; i < std::min(end, start + kPiece); ++i)
      piece.push_back(classes.At(i, kind));
    labels->Paint(target + start - begin, piece);
  }
}

}  // namespace

void PaintFrames(const CodingSequence& sequence, const GenomeRecord& record, CodonKind kind,
                 LabelFile* labels) {
  Index before = 0;
  for (const CodingPart& part : sequence.parts) {
    const PartClasses classes(sequence, part, before);
    const Index origin = std::clamp(record.length, part.begin, part.end);
    PaintPart(classes, kind, part.begin, origin, record.begin + part.begin, labels);
    if (part.end > origin) {
      PaintPart(classes, kind, origin, part.end, record.begin + origin - record.length, labels);
    }
    before += part.size();
  }
}

}  // namespace lockstep
