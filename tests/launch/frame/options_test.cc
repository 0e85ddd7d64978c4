#include "launch/frame/options.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <sstream>

#include "launch/frame/help.h"
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

TEST(Options, AWordWithoutAnOptionIsNamed) {
  ExpectError(ExitCode::kUsage, "no option stands before the word \"second\"; `lockstep train", [] {
    Options("train", {kRows}, {"--corpus", "first", "second"});
  });
  ExpectError(ExitCode::kUsage, "\"third\", and only one word may do without (--corpus)", [] {
    Options("report", {kRows}, {"first", "--set", "a=b", "third", "--quiet"}, "corpus");
  });
}

TEST(Options, HelpHasAShortName) {
  EXPECT_TRUE(Options("train", {kRows}, {"-h"}).Has("help"));
  EXPECT_TRUE(Options("train", {kRows}, {"--help"}).Has("help"));
}

TEST(Options, HelpNamesValuesAndFitsEightyColumns) {
  const std::string text = HelpText({kRows}, true);
  EXPECT_THAT(text, testing::HasSubstr("-h, --help "));
  EXPECT_THAT(text, testing::HasSubstr("--corpus CORPUS "));
  EXPECT_THAT(text, testing::HasSubstr("--set KEY=VALUE ... "));
  EXPECT_THAT(text, testing::HasSubstr("--quiet "));
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 80u) << line;
}

TEST(Options, HelpHasATitleForEachGroup) {
  const std::span<const OptionRow> rows(kRows);
  const std::string text = HelpText(
      {{"Input", rows.first(1)}, {"Input", rows.subspan(1, 1)}, {"Other", rows.last(1)}}, false);
  EXPECT_THAT(text, testing::StartsWith("Options\n  -h, --help"));
  EXPECT_LT(text.find("\n\nInput\n  --corpus"), text.find("  --set"));
  EXPECT_LT(text.find("  --set"), text.find("\n\nOther\n  --quiet"));
  EXPECT_EQ(text.find("Input"), text.rfind("Input"));
}

TEST(Options, RareOnesAreInTheWholeHelpOnlyAndSoAreGroupsOfThem) {
  static constexpr OptionRow kFew[] = {Rare({"odd N", "is rarely needed"})};
  const OptionTable table = {kRows, {"Odd", kFew}};
  EXPECT_THAT(HelpText(table, false), testing::Not(testing::HasSubstr("Odd")));
  EXPECT_THAT(HelpText(table, false), testing::Not(testing::HasSubstr("--help-all")));
  EXPECT_THAT(HelpText(table, true), testing::HasSubstr("\n\nOdd\n  --odd N "));
}

TEST(Options, TheTableForProgramsHasALineForEachOption) {
  const std::string table = HelpTable({{"Input", kRows}});
  EXPECT_THAT(table, testing::StartsWith("Options\t--help\t\t"));
  EXPECT_THAT(table, testing::HasSubstr("\nInput\t--set\tKEY=VALUE ...\tsets a key\n"));
  EXPECT_THAT(table, testing::HasSubstr("\nInput\t--quiet\t\tsays nothing\n"));
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
