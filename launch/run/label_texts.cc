#include "launch/run/label_texts.h"

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/json_text.h"

namespace lockstep {
namespace {

LabelKind KindOf(const CorpusInfo& corpus) {
  const std::string kind = ParseJson(corpus.units).value("kind", std::string("letters"));
  if (kind == "letters") return LabelKind::kLetters;
  if (kind == "words") return LabelKind::kWords;
  if (kind == "pieces") return LabelKind::kPieces;
  throw BadData("corpus: units of kind \"{}\"; this program knows letters, words and pieces", kind);
}

}  // namespace

bool HasLabelTexts(const CorpusInfo& corpus) {
  return corpus.has_target_lists() && !corpus.units.empty();
}

DecoderLabels DecoderLabelsOf(const CorpusInfo& corpus) {
  return {corpus.classes(), KindOf(corpus)};
}

std::vector<std::string> LabelTexts(const CorpusInfo& corpus) {
  if (!HasLabelTexts(corpus)) return {};
  const DecoderLabels labels = DecoderLabelsOf(corpus);
  std::vector<std::string> texts;
  for (Index label = 0; label < labels.classes(); ++label) {
    const WordPart part = labels.part(label);
    std::string text = part == WordPart::kInside ? "" : " ";
    if (part != WordPart::kSeparator) text += labels.Text({&label, 1});
    texts.push_back(std::move(text));
  }
  return texts;
}

}  // namespace lockstep
