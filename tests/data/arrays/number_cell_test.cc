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

TEST(NumberCell, WhatIsTooCloseToZeroIsZero) {
  for (const char* text : {"1e-400", "-2.5E-999", "+1e-5000"}) {
    EXPECT_EQ(ParseNumberCell(text).kind, NumberKind::kFinite) << text;
    EXPECT_EQ(ParseNumberCell(text).value, 0) << text;
  }
  for (const char* begin : {"0.", ".", "-0.", "-."}) {
    const NumberCell cell = ParseNumberCell(begin + std::string(400, '0') + "1");
    EXPECT_EQ(cell.kind, NumberKind::kFinite) << begin;
    EXPECT_EQ(cell.value, 0) << begin;
  }
  EXPECT_EQ(ParseNumberCell(std::string(400, '9') + "e-5").kind, NumberKind::kInfinite);
  EXPECT_EQ(ParseNumberCell("1e-99999999999999999999").value, 0);
  EXPECT_EQ(ParseNumberCell("1e99999999999999999999").kind, NumberKind::kInfinite);
  EXPECT_EQ(ParseNumberCell(std::string(400, '9')).kind, NumberKind::kInfinite);
}

TEST(NumberCell, DecimalCommasAreSeen) {
  for (const char* text : {"0,84", "-1,5", " 12,0 ", "1,5e-3"}) EXPECT_TRUE(HasDecimalComma(text));
  for (const char* text : {"0.84", "a,b", ",5", "5,", "1,2,3", "1.2,3", "12", "", ","})
    EXPECT_FALSE(HasDecimalComma(text)) << text;
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
