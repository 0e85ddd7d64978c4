#include "launch/frame/options.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <sstream>

#include "tests/support/expect_error.h"

namespace lockstep {
namespace {

constexpr OptionRow kRows[] = {
    {"corpus CORPUS",
     "corpus folder that `lockstep prepare` made, which may have several splits and more"},
    {"set KEY=VALUE", "sets a key", OptionKind::kRepeated},
    {"quiet", "says nothing", OptionKind::kSwitch},
};

TEST(Options, AMistypedNameIsRefusedWithTheNearestOne) {
  ExpectError(ExitCode::kUsage, "\"--corpsu\"; did you mean --corpus?", [] {
    Options("train", {kRows}, {"--corpsu", "x"});
  });
  ExpectError(ExitCode::kUsage, "unrecognised option \"--zzzzzzzz\"; `lockstep train --help`",
              [] { Options("train", {kRows}, {"--zzzzzzzz"}); });
}

TEST(Options, HelpHasAShortName) {
  EXPECT_TRUE(Options("train", {kRows}, {"-h"}).Has("help"));
  EXPECT_TRUE(Options("train", {kRows}, {"--help"}).Has("help"));
}

TEST(Options, HelpNamesValuesAndFitsEightyColumns) {
  std::ostringstream out;
  out << OptionTable{kRows};
  EXPECT_THAT(out.str(), testing::HasSubstr("-h, --help "));
  EXPECT_THAT(out.str(), testing::HasSubstr("--corpus CORPUS "));
  EXPECT_THAT(out.str(), testing::HasSubstr("--set KEY=VALUE ... "));
  EXPECT_THAT(out.str(), testing::HasSubstr("--quiet "));
  std::istringstream lines(out.str());
  for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 80u) << line;
}

TEST(Options, HelpHasATitleForEachGroup) {
  const std::span<const OptionRow> rows(kRows);
  std::ostringstream out;
  out << OptionTable{
      {"Input", rows.first(1)}, {"Input", rows.subspan(1, 1)}, {"Other", rows.last(1)}};
  const std::string text = out.str();
  EXPECT_THAT(text, testing::StartsWith("Options\n  -h, --help"));
  EXPECT_LT(text.find("\n\nInput\n  --corpus"), text.find("  --set"));
  EXPECT_LT(text.find("  --set"), text.find("\n\nOther\n  --quiet"));
  EXPECT_EQ(text.find("Input"), text.rfind("Input"));
}

// A value has a name of its own in the help of every verb.
TEST(Options, RowsNameTheirValuesAndSwitchesHaveNone) {
  EXPECT_EQ(kRows[0].name(), "corpus");
  EXPECT_EQ(kRows[0].value(), "CORPUS");
  EXPECT_EQ(kRows[2].name(), "quiet");
  EXPECT_EQ(kRows[2].value(), "");
}

}  // namespace
}  // namespace lockstep
