#include "data/dna/position_ranges.h"

#include <gtest/gtest.h>

#include "tests/support/expect_error.h"

namespace lockstep {
namespace {

std::string Resolved(const SplitRangeOptions& options, Index bases) {
  std::string text;
  for (const SplitRange& range : ResolveRanges(options, bases)) {
    text += fmt::format("{}[{},{}) ", range.split, range.begin, range.end);
  }
  return text;
}

void ExpectRefused(const SplitRangeOptions& options, const std::string& message) {
  ExpectError(ExitCode::kUsage, message, [&] { ResolveRanges(options, 100); });
}

TEST(PositionRanges, WithoutAnyAreEightyTenTen) {
  EXPECT_EQ(Resolved({}, 100), "train[0,80) valid[80,90) test[90,100) ");
  EXPECT_EQ(Resolved({}, 4641652),
            "train[0,3713321) valid[3713321,4177486) test[4177486,4641652) ");
  EXPECT_EQ(Resolved({}, 1), "test[0,1) ") << "empty ranges are left out";
}

TEST(PositionRanges, CountFromOneAndIncludeBothEnds) {
  EXPECT_EQ(Resolved({"1-80", "81-90", "91-100"}, 100), "train[0,80) valid[80,90) test[90,100) ");
  EXPECT_EQ(Resolved({"7-7", "", ""}, 100), "train[6,7) ");
}

TEST(PositionRanges, MayBeSeveralInAnyOrderAndOpen) {
  EXPECT_EQ(Resolved({"61-80,1-20", "21-30", "91-"}, 100),
            "train[0,20) valid[20,30) train[60,80) test[90,100) ");
}

TEST(PositionRanges, ThatCannotBeReadAreNamed) {
  for (const char* text : {"5", "-5", "5-2", "0-5", "a-b", "1-5,", ",", "1-5;7-9", "1--5", "-"}) {
    ExpectRefused({text, "", ""}, "--train: range \"");
    ExpectError(ExitCode::kUsage, "cannot be read; write A-B with 1 <= A <= B", [&] {
      CheckRangeSyntax({"", text, ""});
    });
  }
  ExpectRefused({"", "1-5,9-7", ""}, "--valid: range \"9-7\" cannot be read");
}

TEST(PositionRanges, BehindTheLastBaseAreRefused) {
  ExpectRefused({"1-101", "", ""}, "--train: range 1-101 ends after the last base, which is 100");
  ExpectRefused({"", "", "101-"}, "--test: range 101-101 ends after the last base, which is 100");
}

TEST(PositionRanges, ThatShareABaseAreRefused) {
  ExpectRefused({"1-50", "40-60", ""}, "--train 1-50 and --valid 40-60 share the positions 40-50");
  ExpectRefused({"1-50,50-60", "", ""}, "--train 1-50 and --train 50-60 share the positions 50-50");
  ExpectRefused({"1-", "", "30-40"}, "--train 1-100 and --test 30-40 share the positions 30-40");
}

TEST(PositionRanges, AreWrittenAsTheUserWould) {
  const auto ranges = ResolveRanges({"61-80,1-20", "21-30", "91-"}, 100);
  EXPECT_EQ(RangesText(ranges, "train"), "1-20,61-80");
  EXPECT_EQ(RangesText(ranges, "test"), "91-100");
  EXPECT_EQ(RangesText(ranges, "other"), "");
}

}  // namespace
}  // namespace lockstep
