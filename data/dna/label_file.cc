#include "data/dna/label_file.h"

#include <algorithm>

#include "base/own_file.h"
#include "data/corpus/shard_format.h"
#include "data/dna/base_labels.h"

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
  const std::vector<std::uint8_t> labels(
      static_cast<std::size_t>(std::min(kPieceBytes, end - begin)), label);
  for (Index start = begin; start < end; start += kPieceBytes)
    Paint(start,
          std::span(labels).first(static_cast<std::size_t>(std::min(kPieceBytes, end - start))));
}

void LabelFile::Paint(Index begin, std::span<const std::uint8_t> labels) {
  piece_.resize(labels.size());
  file_.ReadAt(begin, std::as_writable_bytes(std::span(piece_)));
  for (std::size_t i = 0; i < labels.size(); ++i) PaintBase(labels[i], &piece_[i]);
  file_.WriteAt(begin, std::as_bytes(std::span(piece_)));
}

void LabelFile::Forget(Index begin, Index end) {
  const std::vector<std::uint8_t> unlabelled(static_cast<std::size_t>(end - begin),
                                             kUnlabelledBase);
  file_.WriteAt(begin, std::as_bytes(std::span(unlabelled)));
}

void LabelFile::PaintBase(std::uint8_t label, std::uint8_t* base) {
  if (label == kOtherClass) return;
  if (*base == kOtherClass) {
    *base = label;
  } else if (*base != label && (*base & kConflictFlag) == 0) {
    *base |= kConflictFlag;
    ++conflicts_;
  }
}

void LabelFile::Read(Index begin, std::span<std::uint8_t> labels) const {
  file_.ReadAt(begin, std::as_writable_bytes(labels));
  for (std::uint8_t& label : labels) {
    label &= static_cast<std::uint8_t>(~kConflictFlag);
    if (label == kUnlabelledBase) label = kIgnoredTargetByte;
  }
}

}  // namespace lockstep
