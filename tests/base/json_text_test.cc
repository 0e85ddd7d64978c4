#include "base/json_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace lockstep {
namespace {

using Json = nlohmann::json;
using OrderedJson = nlohmann::ordered_json;

TEST(ParseJson, NamesThePlaceOfWhatIsNoJson) {
  EXPECT_EQ(ParseJson("{\"a\": [1, 2]}"), (Json{{"a", {1, 2}}}));
  try {
    ParseJson("{\"a\":\n 1,}");
    FAIL();
  } catch (const Json::parse_error& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("line 2, column 4"));
  }
}

TEST(ParseJson, OrDiscardsWhatIsNoJson) {
  EXPECT_TRUE(ParseJsonOrDiscard("{").is_discarded());
  EXPECT_TRUE(ParseJsonOrDiscard("").is_discarded());
  EXPECT_EQ(ParseJsonOrDiscard("null"), Json());
}

TEST(JsonText, KeepsTheOrderOfKeysThatHaveOne) {
  EXPECT_EQ(JsonText(Json{{"b", 1}, {"a", 2}}), "{\"a\":2,\"b\":1}");
  EXPECT_EQ(JsonText(OrderedJson{{"b", 1}, {"a", 2}}), "{\"b\":1,\"a\":2}");
  EXPECT_EQ(JsonTextOfAnyBytes(OrderedJson{{"b", 1}, {"a", 2}}), "{\"b\":1,\"a\":2}");
  EXPECT_EQ(JsonText(Json{{"a", 2}}, 1), "{\n \"a\": 2\n}");
  EXPECT_EQ(JsonText(OrderedJson{{"b", 1}, {"a", 2}}, 1), "{\n \"b\": 1,\n \"a\": 2\n}");
  EXPECT_EQ(JsonText(ParseOrderedJson("{\"b\":1,\"a\":2}")), "{\"b\":1,\"a\":2}");
}

TEST(JsonText, RefusesBytesThatAreNoUtf8OrReplacesThem) {
  EXPECT_THROW(JsonText(Json("\xFF")), Json::type_error);
  EXPECT_THROW(JsonText(OrderedJson("\xFF")), OrderedJson::type_error);
  EXPECT_EQ(JsonTextOfAnyBytes(Json{{"a\n", "\xFF"}}), "{\"a\\n\":\"\xEF\xBF\xBD\"}");
  EXPECT_EQ(JsonTextOfAnyBytes(OrderedJson("\xFF")), "\"\xEF\xBF\xBD\"");
}

}  // namespace
}  // namespace lockstep
