// Corpora that people publish results on, imported as they come. Their sizes are published: SST
// (Socher et al. 2013) 6920/872/1821 and 8544/1101/2210 sentences; MR (Pang and Lee 2005) 5331 of
// each class; UCI sentences (Kotzias et al. 2015) 500 of each.
#include <gtest/gtest.h>

#include <filesystem>
#include <numeric>
#include <set>

#include "data/text/text_plan.h"
#include "data/text/text_summary.h"
#include "tests/support/expect_error.h"

namespace lockstep {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class Sentiment : public testing::Test {
 protected:
  void SetUp() override {
    options_.out = "unused";
    if (!std::filesystem::exists(kFolder)) {
      GTEST_SKIP() << "The sentiment corpora are not at " << kFolder << ".";
    }
  }
  void AddFile(DataSplit split, const std::string& name) {
    options_.files.push_back({split, {.path = kFolder + name}});
  }
  std::vector<Index> Totals() {
    std::vector<Index> totals;
    for (const auto& split : SummaryOf(PlanTexts(options_)).splits) totals.push_back(split.total());
    return totals;
  }

  const std::string kFolder = std::string(LOCKSTEP_SOURCE_DIR) + "/../shared/data/sentiment/";
  TextCorpusOptions options_;
};

TEST_F(Sentiment, StanfordTreebankWithTwoClasses) {
  AddFile(DataSplit::kTrain, "sst2/stsa.binary.train");
  AddFile(DataSplit::kValid, "sst2/stsa.binary.dev");
  AddFile(DataSplit::kTest, "sst2/stsa.binary.test");
  const TextPlan plan = PlanTexts(options_);
  // Counted with Python's str.split and collections.Counter: words, and words that occur twice.
  EXPECT_EQ(plan.different_tokens, 14828);
  EXPECT_EQ(plan.words.names.size(), 7140u + 1);
  const TextSummary summary = SummaryOf(plan);
  EXPECT_THAT(summary.classes, ElementsAre("0", "1"));
  // Counted with cut, sort and uniq.
  EXPECT_THAT(summary.splits[0].rows, ElementsAre(3310, 3610));
  EXPECT_THAT(summary.splits[1].rows, ElementsAre(428, 444));
  EXPECT_THAT(summary.splits[2].rows, ElementsAre(912, 909));
  EXPECT_EQ(plan.encoder.Encode("a fine film that nobodyhasseen").back(), plan.encoder.unknown());
}

TEST_F(Sentiment, StanfordTreebankWithFiveClasses) {
  AddFile(DataSplit::kTrain, "sst5/stsa.fine.train");
  AddFile(DataSplit::kValid, "sst5/stsa.fine.dev");
  AddFile(DataSplit::kTest, "sst5/stsa.fine.test");
  EXPECT_THAT(Totals(), ElementsAre(8544, 1101, 2210));
}

TEST_F(Sentiment, MovieReviewsNeedTheirEncodingAndAreTenFolds) {
  AddFile(DataSplit::kTrain, "mr/rt-polarity.all");
  ExpectError(ExitCode::kBadData,
              "which is not valid UTF-8; correct the line, or convert the file from the encoding",
              [&] { PlanTexts(options_); });
  options_.lines.encoding = "windows-1252";
  EXPECT_EQ(Totals()[0], 10662);
  EXPECT_EQ(PlanTexts(options_).different_tokens, 21420);  // as Python counts them
  Index tested = 0;
  for (Index fold = 1; fold <= 10; ++fold) {
    options_.draw = {.valid_fraction = 0.1, .folds = 10, .fold = fold};
    const TextSurvey survey = SurveyTexts(options_, Tokenizer(options_.tokens));
    for (const std::int32_t label : {0, 1}) {
      EXPECT_NEAR(static_cast<double>(survey.Count(DataSplit::kTest, label)), 533.1, 1);
      tested += survey.Count(DataSplit::kTest, label);
    }
  }
  EXPECT_EQ(tested, 10662);
}

TEST_F(Sentiment, RestaurantReviewsAreATableWithoutHeader) {
  AddFile(DataSplit::kTrain, "uci-sentences/yelp_labelled.txt");
  options_.tokens.split_punctuation = true;
  options_.rules.lower_case = true;
  const TextPlan plan = PlanTexts(options_);
  EXPECT_THAT(plan.survey.files,
              ElementsAre("tsv without a header, text in column 1, label in column 2"));
  EXPECT_THAT(SummaryOf(plan).splits[0].rows, ElementsAre(500, 500));
  // The first line of the file: "Wow... Loved this place."
  std::vector<std::string> words;
  for (const std::int32_t id : plan.encoder.Encode("Wow... Loved this place.")) {
    words.push_back(plan.words.names[static_cast<std::size_t>(id)]);
  }
  EXPECT_THAT(words, ElementsAre("wow", "...", "loved", "this", "place", "."));
}

}  // namespace
}  // namespace lockstep
