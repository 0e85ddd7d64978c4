#include "data/arrays/class_names.h"

#include "tests/support/expect_error.h"

namespace lockstep {
namespace {

using testing::ElementsAre;

TEST(ClassNames, OrderDoesNotDependOnTheOrderOfReading) {
  ClassNames numbers, words;
  for (const char* name : {"10", "9", "-1"}) numbers.IdOf(name);
  for (const char* name : {"wet", "dry", "10"}) words.IdOf(name);
  EXPECT_THAT(numbers.Ordered(), ElementsAre("-1", "9", "10"));
  EXPECT_THAT(words.Ordered(), ElementsAre("10", "dry", "wet"));
  EXPECT_THAT(numbers.Order(), ElementsAre(2, 1, 0));
}

TEST(ClassNames, GivenNamesKeepTheirOrderAndAllowNoOthers) {
  ClassNames classes({"wet", "dry"});
  EXPECT_EQ(classes.IdOf("dry"), 1);
  EXPECT_EQ(classes.IdOf("icy"), std::nullopt);
  EXPECT_THAT(classes.Ordered(), ElementsAre("wet", "dry"));
}

TEST(ClassNames, ThereAreNotTooMany) {
  ClassNames classes;
  for (std::size_t i = 0; i < ClassNames::kMostClasses; ++i) {
    ASSERT_TRUE(classes.IdOf(std::to_string(i)).has_value());
  }
  EXPECT_FALSE(classes.IdOf("one more").has_value());
  EXPECT_TRUE(classes.IdOf("7").has_value());
}

TEST(ClassNames, BadNamesAreRefused) {
  ExpectError(ExitCode::kUsage, "--classes names \"a\" twice", [] { ClassNames({"a", "a"}); });
  ExpectError(ExitCode::kUsage, "--classes has an empty name", [] { ClassNames({"a", ""}); });
}

}  // namespace
}  // namespace lockstep
