// The names under which manifests of different tools give the same field of an utterance, and names
// that look as if they did.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/types.h"

namespace lockstep {

enum class ManifestField { kId, kPath, kText, kSpeaker, kBegin, kEnd, kDuration, kChannel };
inline constexpr int kManifestFields = 8;

// The name that docs/speech.md uses: "id", "path", "text", "speaker", "begin", "end", "duration",
// "channel".
const char* FieldName(ManifestField field);

// The field that a column or key of this name gives; nothing if the name is not known.
std::optional<ManifestField> FieldCalled(std::string_view name);

// The field that a name which is not known seems to give: it differs from a known name in case,
// punctuation or one letter, or is a time with a unit ("start_ms"). Nothing for other names.
std::optional<ManifestField> FieldThatLooksLike(std::string_view name);

// Decides for the names of one header or object which gives which field. BadData for two names of
// one field, and for a name that is not known, but looks like that of a field that no other name
// gives: it would be lost without a word.
class FieldNames {
 public:
  void Add(std::string_view name);
  // Must be called after the last Add.
  void Check() const;
  // The name that gives the field; empty if none does.
  const std::string& Of(ManifestField field) const {
    return names_[static_cast<std::size_t>(field)];
  }
  const std::vector<std::string>& unknown() const { return unknown_; }

 private:
  std::array<std::string, kManifestFields> names_;
  std::vector<std::string> unknown_;
};

// Counts the names that a reader makes no use of, for one sentence at the end.
class UnusedFields {
 public:
  void Count(const std::vector<std::string>& names);
  // `m.jsonl: fields that are not used: "pred_text" (3 lines)`; empty if all are used.
  std::string Sentence(const std::string& path, const char* what) const;

 private:
  std::map<std::string, Index, std::less<>> lines_;
  Index other_names_ = 0;  // lines with names beyond the first 20 different ones
};

}  // namespace lockstep
