#include "data/arrays/array_encoder.h"

#include <cmath>

#include "tests/support/expect_error.h"

namespace lockstep {
namespace {

using testing::ElementsAre;
using testing::IsNan;

const double kNan = std::nan("");

class ArrayEncoderTest : public testing::Test {
 protected:
  ArrayEncoderTest() {
    task_.inputs = {{"rain", 4, 2, 2, false}, {"snow", 1, 0, 1, false}};
    task_.targets = {{"discharge", 5, 10, 5, false}};
    sequence_ = {.file = "x.csv",
                 .steps = 3,
                 .lines = {2, 3, 4},
                 .inputs = {kNan, 1, 6, 2, kNan, 3},
                 .target_rows = 3,
                 .targets = {20, kNan, 0}};
  }
  std::vector<float> Encode(MissingRule rule) {
    task_.missing_rule = rule;
    std::vector<float> rows;
    filled_ = {};
    ArrayEncoder(task_).EncodeInputs(sequence_, &rows, &filled_);
    return rows;
  }

  ArrayTask task_;
  ArraySequence sequence_;
  FilledCounts filled_;
};

TEST_F(ArrayEncoderTest, MissingValuesBecomeTheMeanOrTheOneBefore) {
  EXPECT_THAT(Encode(MissingRule::kMean), ElementsAre(1, 1, 2, 2, 1, 3));
  EXPECT_EQ(filled_.by_mean, 2);
  EXPECT_THAT(Encode(MissingRule::kPrevious), ElementsAre(1, 1, 2, 2, 2, 3));
  EXPECT_EQ(filled_.by_mean, 1);
  EXPECT_EQ(filled_.by_previous, 1);
}

TEST_F(ArrayEncoderTest, IndicatorsSayWhatWasMissing) {
  task_.inputs[0].has_indicator = true;
  EXPECT_THAT(Encode(MissingRule::kIndicator), ElementsAre(1, 1, 1, 2, 2, 0, 1, 3, 1));
}

TEST_F(ArrayEncoderTest, MissingValuesAreRefusedByPlace) {
  ExpectError(ExitCode::kBadData, "x.csv:2: column \"rain\" has no value",
              [&] { Encode(MissingRule::kRefuse); });
}

TEST_F(ArrayEncoderTest, ValuesTooLargeAreRefusedByPlace) {
  sequence_.inputs[2] = 1e300;
  ExpectError(ExitCode::kBadData, "x.csv:3: column \"rain\" is 1e+300, which is 5e+299",
              [&] { Encode(MissingRule::kMean); });
}

TEST_F(ArrayEncoderTest, TargetsAreScaledAndMayBeMissing) {
  std::vector<float> rows;
  ArrayEncoder(task_).EncodeTargets(sequence_, &rows);
  EXPECT_THAT(rows, ElementsAre(2, IsNan(), -2));
}

}  // namespace
}  // namespace lockstep
