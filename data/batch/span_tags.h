// Tags that mark spans of a sequence, such as the names of persons and places in a sentence. Each
// step has one tag, a letter and the type of the span, or "O" outside of all spans:
//
//   BIO     B-type first step, I-type any later step
//   IOBES   B-type first, I-type inside, E-type last; S-type a span of one step
//
// Which spans a sequence of tags has is read as the script conlleval of the CoNLL shared tasks
// reads it (Tjong Kim Sang and Buchholz 2000), so that even tags that break their scheme have a
// meaning.
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "data/batch/schema.h"

namespace lockstep {

enum class TagScheme { kPlain, kBio, kIobes };  // kPlain: tags without spans, such as word classes
const char* TagSchemeName(TagScheme scheme);    // "plain", "bio", "iobes"
std::optional<TagScheme> TagSchemeFromName(std::string_view name);

// A tag of a span, taken apart.
struct SpanTag {
  char letter = 'O';           // O, B, I, E or S
  std::string_view type = {};  // empty for O; points into the tag
  bool operator==(const SpanTag&) const = default;
};
// Nothing if the tag has another form. A tag of a letter alone, such as "B", has the empty type.
std::optional<SpanTag> ParseSpanTag(std::string_view tag);

// Whether a scheme (kBio or kIobes) allows these neighbours. Before the first tag and after the
// last one stands O.
bool MayFollow(TagScheme scheme, const SpanTag& before, const SpanTag& tag);
// Whether a span ends before the second of two neighbouring tags, and whether one begins
// there.
bool EndsSpan(const SpanTag& before, const SpanTag& tag);
bool BeginsSpan(const SpanTag& before, const SpanTag& tag);
// The letter that a step of a span has in a scheme (kBio or kIobes).
char SpanLetter(TagScheme scheme, bool is_first, bool is_last);

// A vocabulary "tags" of all tags of a scheme: O, and then those of each type in the order of
// `types`, with the order of labels that allows the sequences of the scheme and no others. kPlain:
// the types are the tags, and every order is allowed.
Vocabulary TagVocabulary(TagScheme scheme, const std::vector<std::string>& types);

struct TagSpan {
  Index begin = 0;  // first step
  Index end = 0;    // after the last step
  int type = 0;     // index into SpanTags::types()
  bool operator==(const TagSpan&) const = default;
};

// The spans of sequences of tag ids.
class SpanTags {
 public:
  // Nothing if the vocabulary is not one of TagVocabulary for kBio or kIobes.
  static std::optional<SpanTags> Of(const Vocabulary& vocabulary);

  TagScheme scheme() const { return scheme_; }
  const std::vector<std::string>& types() const { return types_; }
  // The first span that begins at step `from` or later. Ignored ids (below 0) are outside of all
  // spans.
  std::optional<TagSpan> Next(std::span<const std::int32_t> tags, Index from) const;
  // Calls tell(span, is_known, is_found) for each span of `known` or of `found`, which are as long
  // as each other; a span of both is told once.
  template <typename Tell>
  void Compare(std::span<const std::int32_t> known, std::span<const std::int32_t> found,
               const Tell& tell) const {
    auto a = Next(known, 0), b = Next(found, 0);
    while (a || b) {
      const bool both = a && b && *a == *b;
      const bool first = a && (!b || a->begin <= b->begin);
      if (both || first) tell(*a, true, both);
      if (!both && !first) tell(*b, false, true);
      if (both || !first) b = Next(found, b->end);
      if (both || first) a = Next(known, a->end);
    }
  }

 private:
  struct Tag {
    char letter = 'O';
    int type = -1;
  };
  SpanTag At(std::span<const std::int32_t> tags, Index step) const;

  TagScheme scheme_ = TagScheme::kBio;
  std::vector<std::string> types_;
  std::vector<Tag> tags_;  // by id
};

}  // namespace lockstep
