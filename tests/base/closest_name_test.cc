#include "base/closest_name.h"

#include "tests/support/expect_error.h"

namespace lockstep {
namespace {

TEST(ClosestName, SlipsOfTheFingerAreUnderstood) {
  const std::vector<std::string> names = {"Rain", "snow", "temperature"};
  EXPECT_EQ(ClosestName("rian", names), "Rain");
  EXPECT_EQ(ClosestName("temprature", names), "temperature");
  EXPECT_EQ(ClosestName("discharge", names), std::nullopt);
  EXPECT_EQ(SuggestNames("snwo", names),
            "did you mean \"snow\"? there are: \"Rain\", \"snow\", \"temperature\"");
  EXPECT_EQ(SuggestNames("x", {}), "there are none");
}

TEST(ClosestName, AHintStandsBehindWhatIsWrong) {
  const std::vector<std::string> names = {"corpus", "config"};
  EXPECT_EQ(DidYouMean("corpsu", names, "--"), "; did you mean --corpus?");
  EXPECT_EQ(DidYouMean("zzzzzzzz", names), "");
}

}  // namespace
}  // namespace lockstep
