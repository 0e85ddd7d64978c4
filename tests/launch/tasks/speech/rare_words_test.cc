#include "launch/tasks/speech/rare_words.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lockstep {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

// Ten words and the blank, each of which occurs this often in training.
CorpusInfo Words(const std::vector<Index>& counts) {
  CorpusInfo corpus;
  corpus.kind = "speech";
  const Field frames{.type = ElementType::kFloat32, .width = 2};
  const Field labels{.type = ElementType::kInt32, .alignment = Alignment::kList};
  std::vector<std::string> names = {"<blank>"};
  for (std::size_t i = 0; i < counts.size(); ++i) names.push_back(std::to_string(i));
  corpus.schema = TwoFieldSchema(frames, {}, labels, {"classes", names, {}, -1});
  corpus.units = R"({"kind": "words"})";
  SplitInfo& train = corpus.splits["train"];
  train.sequences = 100;
  train.label_counts = {0};
  train.label_counts.insert(train.label_counts.end(), counts.begin(), counts.end());
  return corpus;
}

TEST(RareWords, AreTold) {
  EXPECT_THAT(RareWords(Words({1000, 1000, 4})), IsEmpty());
  EXPECT_THAT(RareWords(Words({3000, 5, 4, 0})),
              HasSubstr("have 3009 words in all, and 2 of the 4 different ones fewer "
                        "than 5 times: such words are hardly ever recognised; use "
                        "letters"));
}

TEST(RareWords, FewWordsAreTold) {
  EXPECT_THAT(RareWords(Words({1000, 1000})), IsEmpty());
  EXPECT_THAT(RareWords(Words({1000, 999})), HasSubstr("have 1999 words in all"));
}

TEST(RareWords, CopiesAtOtherSpeedsTeachNoNewWords) {
  CorpusInfo corpus = Words({2000, 2000, 10, 10});
  EXPECT_THAT(RareWords(corpus), IsEmpty());
  corpus.provenance = R"({"options": {"speeds": [0.9, 1, 1.1]}})";
  EXPECT_THAT(RareWords(corpus), HasSubstr("and 2 of the 4 different ones"));
}

TEST(RareWords, OtherUnitsAreNoWords) {
  CorpusInfo corpus = Words({1, 1});
  corpus.units = R"({"kind": "letters"})";
  EXPECT_THAT(RareWords(corpus), IsEmpty());
}

}  // namespace
}  // namespace lockstep
