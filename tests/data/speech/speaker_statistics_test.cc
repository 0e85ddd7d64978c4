#include "data/speech/speaker_statistics.h"

#include <gtest/gtest.h>

#include "tests/support/expect_error.h"

namespace lockstep {
namespace {

SpeakerStatistics OfSpeakers() {
  SoundOptions sound;
  sound.normalise = Normalisation::kSpeaker;
  return SpeakerStatistics(sound);
}

TEST(SpeakerStatistics, SumsComeBackFromTheirText) {
  SpeakerStatistics first = OfSpeakers(), second = OfSpeakers(), both = OfSpeakers();
  const FeatureMatrix some{.rows = 2, .columns = 1, .values = {1, 2}};
  const FeatureMatrix more{.rows = 1, .columns = 1, .values = {6}};
  first.Add("anna", some);
  second.Add("anna", more);
  both.AddText(first.ToText());
  both.AddText(second.ToText());
  EXPECT_EQ(both.ToText(), R"({"anna":[3,[9.0],[41.0]]})");
}

TEST(SpeakerStatistics, ATextThatHoldsNoSumsIsRefused) {
  for (const char* text :
       {R"({"a":[-1e300,[1],[1]]})", R"({"a":[18446744073709551615,[1],[1]]})"}) {
    SpeakerStatistics all = OfSpeakers();
    ExpectError(ExitCode::kBadData, "is no whole number", [&] { all.AddText(text); });
  }
  SpeakerStatistics all = OfSpeakers();
  all.AddText(R"({"a":[1,[1],[1]]})");
  for (const char* text : {R"({"a":[1,[1,2],[1,2]]})", R"({"a":[1,[1],[]]})"})
    ExpectError(ExitCode::kBadData, "belong to speaker \"a\"", [&] { all.AddText(text); });
  EXPECT_ANY_THROW(all.AddText(R"({"a":[1]})"));
  EXPECT_ANY_THROW(all.AddText("{"));
}

}  // namespace
}  // namespace lockstep
