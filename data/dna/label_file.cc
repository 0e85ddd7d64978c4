#include "data/dna/label_file.h"

#include <algorithm>

#include "base/own_file.h"
#include "data/dna/dna_corpus.h"

namespace lockstep {
namespace {

constexpr std::uint8_t kConflictFlag = 0x80;  // added to the class of a base counted in conflicts_
constexpr Index kPieceBytes = Index{1} << 20;

}  // namespace

// The file begins with zeros only, and takes space on the disk only where classes are written.
LabelFile::LabelFile(const std::string& folder, Index bases)
    : file_(RawFile::CreateUnnamed(TemporaryPath(folder + "/labels"), bases)) {
  static_assert(kOtherClass == 0);
}

void LabelFile::Paint(Index begin, Index end, std::uint8_t label) {
  for (Index start = begin; start < end; start += kPieceBytes) {
    piece_.resize(static_cast<std::size_t>(std::min(kPieceBytes, end - start)));
    file_.ReadAt(start, std::as_writable_bytes(std::span(piece_)));
    PaintPiece(label);
    file_.WriteAt(start, std::as_bytes(std::span(piece_)));
  }
}

void LabelFile::PaintPiece(std::uint8_t label) {
  for (std::uint8_t& base : piece_) {
    if (base == kOtherClass) {
      base = label;
    } else if (base != label && (base & kConflictFlag) == 0) {
      base |= kConflictFlag;
      ++conflicts_;
    }
  }
}

void LabelFile::Read(Index begin, std::span<std::uint8_t> labels) const {
  file_.ReadAt(begin, std::as_writable_bytes(labels));
  for (std::uint8_t& label : labels) label &= static_cast<std::uint8_t>(~kConflictFlag);
}

}  // namespace lockstep
