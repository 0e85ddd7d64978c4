#include "data/batch/span_tags.h"

#include <algorithm>

namespace lockstep {
namespace {

constexpr std::array<const char*, 3> kSchemeNames = {"plain", "bio", "iobes"};
constexpr std::string_view kLetters = "BIES";  // IOBES has all of them, BIO the first two

bool IsOutside(const SpanTag& tag) { return tag.letter == 'O'; }
// A span never goes on after these letters.
bool ClosesSpan(const SpanTag& tag) { return tag.letter == 'E' || tag.letter == 'S'; }
bool OpensSpan(const SpanTag& tag) { return tag.letter == 'B' || tag.letter == 'S'; }

LabelOrder OrderOf(TagScheme scheme, const std::vector<std::string>& names) {
  const SpanTag outside;
  LabelOrder order;
  for (std::size_t from = 0; from < names.size(); ++from) {
    const SpanTag before = *ParseSpanTag(names[from]);
    std::vector<int>& followers = order.followers.emplace_back();
    for (std::size_t to = 0; to < names.size(); ++to) {
      if (MayFollow(scheme, before, *ParseSpanTag(names[to])))
        followers.push_back(static_cast<int>(to));
    }
    if (MayFollow(scheme, outside, before)) order.first.push_back(static_cast<int>(from));
    if (MayFollow(scheme, before, outside)) order.last.push_back(static_cast<int>(from));
  }
  return order;
}

}  // namespace

const char* TagSchemeName(TagScheme scheme) {
  return kSchemeNames[static_cast<std::size_t>(scheme)];
}

std::optional<TagScheme> TagSchemeFromName(std::string_view name) {
  const auto found = std::ranges::find(kSchemeNames, name);
  if (found == kSchemeNames.end()) return std::nullopt;
  return static_cast<TagScheme>(found - kSchemeNames.begin());
}

std::optional<SpanTag> ParseSpanTag(std::string_view tag) {
  if (tag == "O") return SpanTag{};
  if (tag.empty() || kLetters.find(tag[0]) == kLetters.npos) return std::nullopt;
  if (tag.size() == 1) return SpanTag{tag[0], {}};
  if (tag[1] != '-' || tag.size() == 2) return std::nullopt;
  return SpanTag{tag[0], tag.substr(2)};
}

bool MayFollow(TagScheme scheme, const SpanTag& before, const SpanTag& tag) {
  const bool goes_on = tag.letter == 'I' || tag.letter == 'E';
  const bool is_open = before.letter == 'B' || before.letter == 'I';
  if (goes_on) return is_open && before.type == tag.type;
  return scheme == TagScheme::kBio || !is_open;
}

bool EndsSpan(const SpanTag& before, const SpanTag& tag) {
  if (IsOutside(before)) return false;
  return IsOutside(tag) || OpensSpan(tag) || ClosesSpan(before) || before.type != tag.type;
}

bool BeginsSpan(const SpanTag& before, const SpanTag& tag) {
  if (IsOutside(tag)) return false;
  return IsOutside(before) || OpensSpan(tag) || ClosesSpan(before) || before.type != tag.type;
}

char SpanLetter(TagScheme scheme, bool is_first, bool is_last) {
  if (scheme == TagScheme::kIobes && is_last) return is_first ? 'S' : 'E';
  return is_first ? 'B' : 'I';
}

Vocabulary TagVocabulary(TagScheme scheme, const std::vector<std::string>& types) {
  Vocabulary tags;
  tags.name = "tags";
  if (scheme == TagScheme::kPlain) {
    tags.names = types;
    return tags;
  }
  tags.names = {"O"};
  const std::size_t letters = scheme == TagScheme::kBio ? 2 : kLetters.size();
  for (const std::string& type : types) {
    for (const char letter : kLetters.substr(0, letters))
      tags.names.push_back(type.empty() ? std::string(1, letter) : letter + ("-" + type));
  }
  tags.order = OrderOf(scheme, tags.names);
  return tags;
}

std::optional<SpanTags> SpanTags::Of(const Vocabulary& vocabulary) {
  SpanTags spans;
  if (vocabulary.order.empty()) return std::nullopt;
  for (const std::string& name : vocabulary.names) {
    const auto tag = ParseSpanTag(name);
    if (!tag) return std::nullopt;
    if (tag->letter == 'B') spans.types_.emplace_back(tag->type);
    if (ClosesSpan(*tag)) spans.scheme_ = TagScheme::kIobes;
    const int type = static_cast<int>(spans.types_.size()) - 1;
    spans.tags_.push_back({tag->letter, tag->letter == 'O' ? -1 : type});
  }
  Vocabulary expected = TagVocabulary(spans.scheme_, spans.types_);
  if (expected.names != vocabulary.names || expected.order != vocabulary.order) return std::nullopt;
  return spans;
}

SpanTag SpanTags::At(std::span<const std::int32_t> tags, Index step) const {
  if (step < 0 || step >= static_cast<Index>(tags.size())) return {};
  const std::int32_t id = tags[static_cast<std::size_t>(step)];
  if (id < 0) return {};
  const Tag& tag = tags_[static_cast<std::size_t>(id)];
  return tag.type < 0 ? SpanTag{} : SpanTag{tag.letter, types_[static_cast<std::size_t>(tag.type)]};
}

std::optional<TagSpan> SpanTags::Next(std::span<const std::int32_t> tags, Index from) const {
  const Index steps = static_cast<Index>(tags.size());
  Index begin = from;
  while (begin < steps && !BeginsSpan(At(tags, begin - 1), At(tags, begin))) ++begin;
  if (begin >= steps) return std::nullopt;
  Index end = begin + 1;
  while (!EndsSpan(At(tags, end - 1), At(tags, end))) ++end;
  const std::int32_t id = tags[static_cast<std::size_t>(begin)];
  return TagSpan{begin, end, tags_[static_cast<std::size_t>(id)].type};
}

}  // namespace lockstep
