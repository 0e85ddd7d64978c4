#include "data/batch/span_tags.h"

#include <gtest/gtest.h>

namespace lockstep {
namespace {

std::vector<std::int32_t> IdsOf(const Vocabulary& tags, const std::vector<std::string>& names) {
  std::vector<std::int32_t> ids;
  for (const std::string& name : names) {
    const auto found = std::find(tags.names.begin(), tags.names.end(), name);
    ids.push_back(static_cast<std::int32_t>(found - tags.names.begin()));
  }
  return ids;
}

std::vector<TagSpan> SpansOf(TagScheme scheme, const std::vector<std::string>& names) {
  const Vocabulary tags = TagVocabulary(scheme, {"LOC", "PER"});
  const auto spans = SpanTags::Of(tags);
  const std::vector<std::int32_t> ids = IdsOf(tags, names);
  std::vector<TagSpan> found;
  for (auto span = spans->Next(ids, 0); span; span = spans->Next(ids, span->end))
    found.push_back(*span);
  return found;
}

TEST(SpanTags, VocabulariesNameEachTagOnce) {
  EXPECT_EQ(TagVocabulary(TagScheme::kBio, {"A", "B"}).names,
            (std::vector<std::string>{"O", "B-A", "I-A", "B-B", "I-B"}));
  EXPECT_EQ(TagVocabulary(TagScheme::kIobes, {"A"}).names,
            (std::vector<std::string>{"O", "B-A", "I-A", "E-A", "S-A"}));
  EXPECT_EQ(TagVocabulary(TagScheme::kBio, {""}).names, (std::vector<std::string>{"O", "B", "I"}));
}

TEST(SpanTags, OrdersAllowWhatTheSchemeAllows) {
  const LabelOrder bio = TagVocabulary(TagScheme::kBio, {"A", "B"}).order;
  EXPECT_EQ(bio.followers, (std::vector<std::vector<int>>{
                               {0, 1, 3}, {0, 1, 2, 3}, {0, 1, 2, 3}, {0, 1, 3, 4}, {0, 1, 3, 4}}));
  EXPECT_EQ(bio.first, (std::vector<int>{0, 1, 3}));
  EXPECT_EQ(bio.last, (std::vector<int>{0, 1, 2, 3, 4}));
  const LabelOrder iobes = TagVocabulary(TagScheme::kIobes, {"A"}).order;
  EXPECT_EQ(iobes.followers,
            (std::vector<std::vector<int>>{{0, 1, 4}, {2, 3}, {2, 3}, {0, 1, 4}, {0, 1, 4}}));
  EXPECT_EQ(iobes.first, (std::vector<int>{0, 1, 4}));
  EXPECT_EQ(iobes.last, (std::vector<int>{0, 3, 4}));
}

TEST(SpanTags, OnlyTheirOwnVocabulariesAreTagsOfSpans) {
  Vocabulary tags = TagVocabulary(TagScheme::kBio, {"A"});
  EXPECT_TRUE(SpanTags::Of(tags));
  tags.order.followers[0] = {0, 1, 2};
  EXPECT_FALSE(SpanTags::Of(tags)) << "another order";
  tags.order = {};
  EXPECT_FALSE(SpanTags::Of(tags)) << "no order";
  EXPECT_FALSE(SpanTags::Of(TagVocabulary(TagScheme::kPlain, {"NN", "VB"})));
}

TEST(SpanTags, SpansEndWhereConllevalEndsThem) {
  EXPECT_EQ(SpansOf(TagScheme::kBio, {"B-PER", "I-PER", "O", "B-LOC"}),
            (std::vector<TagSpan>{{0, 2, 1}, {3, 4, 0}}));
  EXPECT_EQ(SpansOf(TagScheme::kBio, {"B-PER", "B-PER", "I-LOC"}),
            (std::vector<TagSpan>{{0, 1, 1}, {1, 2, 1}, {2, 3, 0}}));
  EXPECT_EQ(SpansOf(TagScheme::kBio, {"I-PER", "I-PER"}), (std::vector<TagSpan>{{0, 2, 1}}));
  EXPECT_EQ(SpansOf(TagScheme::kIobes, {"S-PER", "B-PER", "I-PER", "E-PER", "E-PER"}),
            (std::vector<TagSpan>{{0, 1, 1}, {1, 4, 1}, {4, 5, 1}}));
}

TEST(SpanTags, IgnoredTagsAreOutside) {
  const auto spans = SpanTags::Of(TagVocabulary(TagScheme::kBio, {"A"}));
  const std::vector<std::int32_t> ids = {1, -1, 2};
  EXPECT_EQ(*spans->Next(ids, 0), (TagSpan{0, 1, 0}));
  EXPECT_EQ(*spans->Next(ids, 1), (TagSpan{2, 3, 0}));
}

TEST(SpanTags, SpansOfTwoSequencesAreComparedInOrder) {
  const Vocabulary tags = TagVocabulary(TagScheme::kBio, {"A", "B"});
  const auto known = IdsOf(tags, {"B-A", "I-A", "O", "B-B", "B-A"});
  const auto found = IdsOf(tags, {"B-A", "O", "B-A", "B-B", "B-B"});
  std::string told;
  SpanTags::Of(tags)->Compare(known, found, [&](const TagSpan& span, bool is_known, bool is_found) {
    told += std::to_string(span.begin) + std::to_string(span.end) + (is_known ? "k" : "") +
            (is_found ? "f " : " ");
  });
  EXPECT_EQ(told, "02k 01f 23f 34kf 45k 45f ");
}

}  // namespace
}  // namespace lockstep
