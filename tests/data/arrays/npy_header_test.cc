#include "data/arrays/npy_header.h"

#include "tests/data/arrays/array_bytes.h"
#include "tests/support/expect_error.h"

namespace lockstep {
namespace {

NpyHeader Parse(const std::string& bytes) {
  return ParseNpyHeader(std::as_bytes(std::span(bytes)), "x.npy");
}
NpyHeader ParseDictionary(const std::string& dictionary) { return Parse(NpyBytes(dictionary, "")); }
std::string With(const std::string& type, const std::string& order, const std::string& shape) {
  return "{'descr': " + type + ", 'fortran_order': " + order + ", 'shape': " + shape + "}";
}
void Fails(const std::string& message, const std::string& bytes) {
  ExpectError(ExitCode::kBadData, message, [&] { Parse(bytes); });
}

TEST(NpyHeader, TypeAndShapeAreRead) {
  const NpyHeader header = ParseDictionary(With("'>f8'", "False", "(3, 4, 5)"));
  EXPECT_EQ(header.type.kind, 'f');
  EXPECT_EQ(header.type.bytes, 8);
  EXPECT_TRUE(header.type.swapped);
  EXPECT_THAT(header.shape, testing::ElementsAre(3, 4, 5));
  EXPECT_EQ(header.values_at % 64, 0);
  EXPECT_FALSE(ParseDictionary(With("\"|u1\"", "False", "(3,)")).type.swapped);
  EXPECT_THAT(ParseDictionary(With("'<i4'", "False", "()")).shape, testing::IsEmpty());
}

TEST(NpyHeader, ColumnOrderIsRefusedUnlessItIsTheSame) {
  EXPECT_THAT(ParseDictionary(With("'<f4'", "True", "(3,)")).shape, testing::ElementsAre(3));
  Fails(
      "x.npy: the values are in column order (Fortran); save them with numpy.save(file, "
      "numpy.ascontiguousarray",
      NpyBytes(With("'<f4'", "True", "(3, 4)"), ""));
}

TEST(NpyHeader, OtherTypesAreRefusedByName) {
  for (const std::string type : {"<U5", "|O", "<f1", "<c8", "<i3", "<M8[ns]", "|b4"}) {
    Fails("x.npy: holds values of the type " + type + "; allowed are float16",
          NpyBytes(With("'" + type + "'", "False", "(3,)"), ""));
  }
  Fails("x.npy: holds records with fields", NpyBytes(With("[('a', '<f4')]", "False", "(3,)"), ""));
}

TEST(NpyHeader, DamageIsNamed) {
  Fails("does not begin with", "nothing of the kind");
  Fails("cut short after 8 bytes", std::string("\x93NUMPY\x01\x00", 8));
  Fails("of version 9", std::string("\x93NUMPY\x09\x00\x05\x00{}   ", 15));
  Fails("has an .npy header of 65535 bytes, of which 5",
        std::string("\x93NUMPY\x01\x00\xFF\xFF{}   ", 15));
  Fails("lacks descr, fortran_order or shape", NpyBytes("{}", ""));
  Fails("names \"other\"", NpyBytes("{'other': 1}", ""));
  Fails("no whole number", NpyBytes(With("'<f4'", "False", "(-3,)"), ""));
  Fails("no whole number", NpyBytes(With("'<f4'", "False", "(99999999999999999999,)"), ""));
  Fails("text without an end", NpyBytes("{'descr", ""));
}

TEST(NpyHeader, CountsDoNotOverflow) {
  EXPECT_EQ(CountOf({3, 4}, 8), 12);
  EXPECT_EQ(CountOf({}, 8), 1);
  EXPECT_EQ(CountOf({Index{1} << 40, Index{1} << 40}, 1), -1);
  EXPECT_EQ(CountOf({Index{1} << 61}, 8), -1);
}

}  // namespace
}  // namespace lockstep
