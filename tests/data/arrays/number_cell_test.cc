#include "data/arrays/number_cell.h"

#include <cmath>

#include "data/arrays/missing_marks.h"
#include "tests/support/expect_error.h"

namespace lockstep {
namespace {

TEST(NumberCell, NumbersAreReadWhateverTheLocale) {
  for (const auto& [text, value] : {std::pair("1.5", 1.5), std::pair(" -2e-3 ", -2e-3),
                                    std::pair("+7", 7.0), std::pair(".5", 0.5)}) {
    const NumberCell cell = ParseNumberCell(text);
    EXPECT_EQ(cell.kind, NumberKind::kFinite) << text;
    EXPECT_EQ(cell.value, value) << text;
  }
}

TEST(NumberCell, MissingValuesHaveTheUsualNames) {
  for (const char* text : {"", "  ", "NA", "N/A", "nan", "NaN", "NULL", "?"}) {
    EXPECT_EQ(ParseNumberCell(text).kind, NumberKind::kMissing) << text;
    EXPECT_TRUE(std::isnan(ParseNumberCell(text).value)) << text;
  }
}

TEST(NumberCell, WhatIsNoFiniteNumberIsToldApart) {
  for (const char* text : {"inf", "-Infinity", "1e999"}) {
    EXPECT_EQ(ParseNumberCell(text).kind, NumberKind::kInfinite) << text;
  }
  for (const char* text : {"1,5", "0x10", "12a", "+-3", "wet", "--1", "1 2"}) {
    EXPECT_EQ(ParseNumberCell(text).kind, NumberKind::kText) << text;
  }
}

TEST(MissingMarks, ANumberStandsForItselfHoweverItIsWritten) {
  const MissingMarks marks({"-999", "no data"});
  for (const char* cell : {"-999", "-999.0", " -9.99e2 ", "no data", "", "NA"}) {
    EXPECT_TRUE(marks.Has(std::string_view(cell))) << cell;
  }
  for (const char* cell : {"-99", "0", "data"}) EXPECT_FALSE(marks.Has(std::string_view(cell)));
  EXPECT_TRUE(marks.Has(-999.0));
  EXPECT_TRUE(marks.Has(std::nan("")));
  EXPECT_FALSE(marks.Has(0.0));
}

}  // namespace
}  // namespace lockstep
