#include "launch/frame/options.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <sstream>

#include "tests/support/expect_error.h"

namespace lockstep {
namespace {

constexpr OptionRow kRows[] = {
    {"corpus",
     "corpus folder that `lockstep prepare` made, which may have several splits and more"},
    {"set", "sets a key", OptionKind::kRepeated, "KEY=VALUE"},
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
  EXPECT_THAT(out.str(), testing::HasSubstr("--corpus VALUE "));
  EXPECT_THAT(out.str(), testing::HasSubstr("--set KEY=VALUE ... "));
  EXPECT_THAT(out.str(), testing::HasSubstr("--quiet "));
  std::istringstream lines(out.str());
  for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 80u) << line;
}

}  // namespace
}  // namespace lockstep
