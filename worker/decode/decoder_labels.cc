#include "worker/decode/decoder_labels.h"

#include <algorithm>
#include <string_view>

#include "base/error.h"

namespace lockstep {
namespace {

WordPart PartOf(const std::string& name, LabelKind kind, const std::string& separator) {
  switch (kind) {
    case LabelKind::kWords:
      return WordPart::kStart;
    case LabelKind::kPieces:
      return name.starts_with(kPieceMark) ? WordPart::kStart : WordPart::kInside;
    case LabelKind::kLetters:
      break;
  }
  return name == separator ? WordPart::kSeparator : WordPart::kInside;
}

}  // namespace

std::string FindSeparator(std::span<const std::string> names) {
  for (const char* separator : {" ", "<space>", "|"}) {
    if (std::find(names.begin() + 1, names.end(), separator) != names.end()) return separator;
  }
  return "";
}

DecoderLabels::DecoderLabels(std::vector<std::string> names, LabelKind kind)
    : names_(std::move(names)), kind_(kind) {
  if (names_.size() < 2) {
    throw UsageError("decoding: {} classes; CTC needs the blank and at least one label",
                     names_.size());
  }
  const std::string separator = FindSeparator(names_);
  for (const std::string& name : names_) parts_.push_back(PartOf(name, kind, separator));
}

std::vector<LabelRange> DecoderLabels::Words(std::span<const Index> labels) const {
  std::vector<LabelRange> words;
  bool open = false;
  for (Index i = 0; i < static_cast<Index>(labels.size()); ++i) {
    const WordPart here = part(labels[static_cast<std::size_t>(i)]);
    if (here != WordPart::kInside) open = false;
    if (here == WordPart::kSeparator) continue;
    if (!open) words.push_back({i, i});
    words.back().end = i + 1;
    open = true;
  }
  return words;
}

std::string DecoderLabels::Text(std::span<const Index> labels) const {
  std::string text;
  for (const Index label : labels) {
    std::string_view piece = name(label);
    if (kind_ == LabelKind::kPieces && piece.starts_with(kPieceMark)) {
      piece.remove_prefix(std::string_view(kPieceMark).size());
    }
    text += piece;
  }
  return text;
}

}  // namespace lockstep
