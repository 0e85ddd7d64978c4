#include "launch/run/json_difference.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/json_text.h"

namespace lockstep {
namespace {

std::string Difference(const char* own, const char* other) {
  return JsonDifference(ParseJson(own), ParseJson(other), "B");
}

TEST(JsonDifference, EqualDocumentsHaveNone) {
  EXPECT_EQ(Difference(R"({"a": [1, 2], "b": {}})", R"({"b": {}, "a": [1.0, 2]})"), "");
}

TEST(JsonDifference, NamesTheFirstValueThatDiffersAndBothValues) {
  EXPECT_EQ(Difference(R"({"mean": [1, 2.5, 3], "z": 1})", R"({"mean": [1, 2.25, 4], "z": 2})"),
            "/mean/1 is 2.5, that of B 2.25");
  EXPECT_EQ(Difference(R"({"a": {"b": "x"}})", R"({"a": {"b": "y"}})"),
            R"(/a/b is "x", that of B "y")");
  EXPECT_EQ(Difference("[[1], [2]]", "[[1], null]"), "/1 is a list of 1 values, that of B null");
}

TEST(JsonDifference, ListsOfOtherLengthsAreNotListed) {
  EXPECT_EQ(Difference(R"({"mean": [1, 2, 3]})", R"({"mean": [1, 2]})"),
            "/mean is a list of 3 values, that of B a list of 2 values");
}

TEST(JsonDifference, AMemberThatOnlyOneHasIsNamed) {
  EXPECT_EQ(Difference(R"({"a": 1})", R"({"a": 1, "b": 1})"), "/b is only in B");
  EXPECT_EQ(Difference(R"({"a": 1, "b": 1})", R"({"a": 1})"), "/b is not in B");
}

TEST(JsonDifference, WholeDocumentsCanDiffer) {
  EXPECT_EQ(Difference("1", "[]"), "/ is 1, that of B a list of 0 values");
}

TEST(JsonDifference, NamesThatMoveTheCursorAreShownAsTheyAre) {
  EXPECT_EQ(Difference("{\"\\u001b[31m\": 1}", "{\"\\u001b[31m\": 2}"),
            "/<U+001B>[31m is 1, that of B 2");
}

}  // namespace
}  // namespace lockstep
