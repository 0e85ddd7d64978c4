#include "data/text/units.h"

#include <algorithm>

#include "base/characters.h"
#include "base/error.h"
#include "base/log.h"
#include "base/text.h"
#include "base/utf8.h"
#include "data/text/piece_model.h"
#include "data/text/text_rules.h"
#include "data/text/unit_list.h"

namespace lockstep {
namespace {

constexpr const char* kWordMark = "\xE2\x96\x81";  // U+2581, how SentencePiece writes a blank

// Calls take(unit name) for each unit of a normalised transcript.
template <typename Take>
void ForEachUnit(UnitKind kind, std::string_view text, Take take) {
  if (kind == UnitKind::kWords) {
    while (!text.empty()) take(TakeWord(&text));
    return;
  }
  while (!text.empty()) {
    const std::string_view point = TakeCodePoint(&text);
    if (point == kSpaceName) {
      throw BadData("the transcript holds \"{}\", which stands for the space among letters",
                    kSpaceName);
    }
    take(point == " " ? std::string_view(kSpaceName) : point);
  }
}

std::string Replaced(std::string text, std::string_view from, std::string_view to) {
  for (std::size_t at = 0; (at = text.find(from, at)) != text.npos; at += to.size()) {
    text.replace(at, from.size(), to);
  }
  return text;
}

}  // namespace

Units::Units(UnitKind kind, LetterCase letter_case, std::vector<std::string> names)
    : kind_(kind), letter_case_(letter_case), names_(std::move(names)) {
  LOCKSTEP_CHECK(kind != UnitKind::kPieces);
  names_.insert(names_.begin(), kBlankName);
  IndexNames();
}

Units::Units(LetterCase letter_case, std::shared_ptr<const PieceModel> model)
    : kind_(UnitKind::kPieces), letter_case_(letter_case), model_(std::move(model)) {
  names_ = model_->pieces();
  names_.insert(names_.begin(), kBlankName);
  IndexNames();
}

void Units::IndexNames() {
  if (names_.size() < 2) throw BadData("there is no unit: every transcript is empty");
  for (std::size_t i = 0; i < names_.size(); ++i) {
    if (names_[i].empty()) throw BadData("unit {} has an empty name", i);
    if (!label_of_.emplace(names_[i], static_cast<std::int32_t>(i)).second) {
      throw BadData("unit \"{}\" is there twice", names_[i]);
    }
  }
}

Units Units::FromFile(UnitKind kind, LetterCase letter_case, const std::string& path) {
  UnitList list = ReadUnitList(kind, path);
  if (!list.skipped.empty()) {
    LogInfo("{}: {} names stand for no sign of a transcript and are no units: \"{}\"", path,
            list.skipped.size(), fmt::join(list.skipped, "\" \""));
  }
  try {
    return Units(kind, letter_case, std::move(list.names));
  } catch (const InputError& error) {
    throw BadData("{}: {}", path, error.what());
  }
}

std::vector<std::int32_t> Units::Encode(std::string_view transcript) const {
  const std::string text = NormaliseTranscript(transcript, letter_case_);
  if (model_ != nullptr) return model_->Encode(text);
  std::vector<std::int32_t> labels;
  std::set<std::string> unknown;
  ForEachUnit(kind_, text, [&](std::string_view name) {
    const auto found = label_of_.find(name);
    if (found == label_of_.end() || found->second == 0) {
      unknown.insert(Printable(name));
    } else {
      labels.push_back(found->second);
    }
  });
  if (!unknown.empty()) {
    throw BadData("the transcript has symbols that are no units: {}", fmt::join(unknown, " "));
  }
  return labels;
}

std::string Units::Text(std::span<const std::int32_t> labels) const {
  return UnitsText(kind_, names_, labels);
}

std::string Units::ModelBytes() const { return model_ == nullptr ? "" : model_->bytes(); }

std::string UnitsText(UnitKind kind, const std::vector<std::string>& names,
                      std::span<const std::int32_t> labels) {
  std::string text;
  for (const std::int32_t label : labels) {
    LOCKSTEP_CHECK(label >= 0 && static_cast<std::size_t>(label) < names.size());
    if (label == 0) continue;
    if (kind == UnitKind::kWords && !text.empty()) text += ' ';
    text += names[static_cast<std::size_t>(label)];
  }
  if (kind == UnitKind::kLetters) text = Replaced(std::move(text), kSpaceName, " ");
  if (kind == UnitKind::kPieces) text = Replaced(std::move(text), kWordMark, " ");
  return std::string(Trim(text));
}

std::string UnitKindName(UnitKind kind) {
  if (kind == UnitKind::kLetters) return "letters";
  return kind == UnitKind::kWords ? "words" : "pieces";
}

void UnitGatherer::Add(std::string_view transcript) {
  const std::string text = NormaliseTranscript(transcript, letter_case_);
  ForEachUnit(kind_, text, [&](std::string_view name) {
    if (!names_.contains(name)) names_.emplace(name);
  });
}

Units UnitGatherer::Finish() const {
  return Units(kind_, letter_case_, std::vector<std::string>(names_.begin(), names_.end()));
}

}  // namespace lockstep
