#include "launch/report/proto_fields.h"

#include <gtest/gtest.h>

#include <string>

namespace lockstep {
namespace {

// The number of fields that were read; whether all of the message was. The last field looks into
// the message.
std::pair<int, bool> Read(std::string_view message, ProtoField* last) {
  ProtoFields fields(message);
  int count = 0;
  for (ProtoField field; fields.Next(&field); ++count) *last = field;
  return {count, fields.good()};
}

// Fields 1 to 4 with the kinds 0, 1, 2 and 5: the examples of protobuf.dev, "Encoding".
TEST(ProtoFields, EachKindHasItsValue) {
  using namespace std::string_view_literals;
  ProtoField field;
  EXPECT_EQ(Read("\x08\x96\x01"sv, &field), std::pair(1, true));
  EXPECT_EQ(field.varint, 150u);
  EXPECT_EQ(Read("\x08\x96\x01\x11\0\0\0\0\0\0\xF0?"sv, &field), std::pair(2, true));
  EXPECT_EQ(NumberAt<double>(field.bytes), 1);
  EXPECT_EQ(Read("\x1A\x07testing"sv, &field), std::pair(1, true));
  EXPECT_EQ(field.number, 3);
  EXPECT_EQ(field.bytes, "testing");
  EXPECT_EQ(Read("\x25\0\0\x80?"sv, &field), std::pair(1, true));
  EXPECT_EQ(NumberAt<float>(field.bytes), 1);
  EXPECT_EQ(Read("", &field), std::pair(0, true));
}

TEST(ProtoFields, AMessageThatEndsWithinAFieldIsNotGood) {
  ProtoField field;
  const std::string whole = "\x08\x01\x1A\x07testing";
  for (std::size_t size = 1; size < whole.size(); ++size)
    EXPECT_EQ(Read(whole.substr(0, size), &field).second, size == 2) << size;
  const std::string endless(11, '\xff'), group = "\x0B";
  EXPECT_EQ(Read(endless, &field), std::pair(0, false));
  EXPECT_EQ(Read(group, &field), std::pair(0, false));
  EXPECT_EQ(Read("\x1A\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01", &field), std::pair(0, false));
}

}  // namespace
}  // namespace lockstep
