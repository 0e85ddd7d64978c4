#include "data/music/chorales.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace lockstep {
namespace {

TEST(Chorales, AreAFunctionOfSeedAndNumber) {
  EXPECT_EQ(MakeChorale(1, 2).steps, MakeChorale(1, 2).steps);
  std::set<std::string> different;
  for (std::uint64_t seed : {1, 2}) {
    for (std::uint64_t number = 0; number < 50; ++number) {
      std::string text;
      for (const KeySet& step : MakeChorale(seed, number).steps) text += step.to_string();
      different.insert(text);
    }
  }
  EXPECT_EQ(different.size(), 100U);
}

TEST(Chorales, HaveOneToFourVoicesBetweenBassAndSoprano) {
  for (std::uint64_t number = 0; number < 200; ++number) {
    const PianoRoll roll = MakeChorale(7, number);
    EXPECT_GE(roll.steps.size(), 12U * 2);
    EXPECT_LE(roll.steps.size(), 28U * 4 + 8);
    for (const KeySet& step : roll.steps) {
      ASSERT_GE(step.count(), 1U);
      ASSERT_LE(step.count(), 8U) << "four voices, and notes that pass between";
      for (std::size_t key = 0; key < kKeys; ++key) {
        if (step[key]) {
          ASSERT_GE(key, KeyOf(41)) << number;
          ASSERT_LE(key, KeyOf(81)) << number;
        }
      }
    }
  }
}

}  // namespace
}  // namespace lockstep
