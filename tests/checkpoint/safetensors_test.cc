// Files of safetensors: what is written is what the format says, and what is read has been looked
// at.
#include "checkpoint/safetensors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <limits>

#include "tests/support/expect_error.h"
#include "tests/support/temp_folder.h"

namespace lockstep {
namespace {

using testing::ElementsAre;

// A file with this header, whose length is in front, and `data` behind it.
std::string FileOf(const std::string& header, const std::string& data) {
  const std::uint64_t length = header.size();
  return std::string(reinterpret_cast<const char*>(&length), sizeof length) + header + data;
}

std::string Tensor(const std::string& name, const std::string& dtype, const std::string& shape,
                   const std::string& offsets) {
  return fmt::format(R"("{}":{{"dtype":"{}","shape":[{}],"data_offsets":[{}]}})", name, dtype,
                     shape, offsets);
}

class Safetensors : public testing::Test {
 protected:
  void ExpectRefused(const std::string& header, const std::string& data, const std::string& text) {
    Spill(path_, FileOf(header, data));
    ExpectError(ExitCode::kBadData, text, [&] { SafetensorsFile::Open(path_); });
    ExpectError(ExitCode::kBadData, path_, [&] { SafetensorsFile::Open(path_); });
  }
  std::vector<float> Floats(const std::string& dtype, const std::string& shape,
                            const std::string& data) {
    const std::string offsets = fmt::format("0,{}", data.size());
    Spill(path_, FileOf("{" + Tensor("x", dtype, shape, offsets) + "}", data));
    return SafetensorsFile::Open(path_).ReadFloats("x");
  }

  TempFolder folder_;
  std::string path_ = folder_ / "model.safetensors";
};

TEST_F(Safetensors, GivesBackWhatWasWritten) {
  const float weight[] = {1, 2, 3, 4, 5, 6}, bias[] = {-0.5F};
  const ArrayView views[] = {{"rnn.weight", ElementType::kFloat32, {2, 3}, weight},
                             {"bias", ElementType::kFloat32, {1}, bias}};
  WriteSafetensors(path_, {{"format", "pt"}, {"names", "[\"a \\\" b\"]"}}, views);
  const SafetensorsFile file = SafetensorsFile::Open(path_);
  EXPECT_EQ(file.metadata().at("names"), "[\"a \\\" b\"]");
  EXPECT_EQ(file.tensors().at("rnn.weight").shape, (std::vector<Index>{2, 3}));
  EXPECT_THAT(file.ReadFloats("rnn.weight"), ElementsAre(1, 2, 3, 4, 5, 6));
  EXPECT_THAT(file.ReadFloats("bias"), ElementsAre(-0.5F));
}

TEST_F(Safetensors, TheBytesAreThoseOfTheFormat) {
  const float values[] = {1.5F};
  const ArrayView views[] = {{"a", ElementType::kFloat32, {1}, values}};
  WriteSafetensors(path_, {}, views);
  const std::string header = R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})";
  const std::string padded = header + std::string((8 - header.size() % 8) % 8, ' ');
  EXPECT_EQ(Slurp(path_), FileOf(padded, std::string("\0\0\xc0\x3f", 4)));
}

TEST_F(Safetensors, AnExistingFileIsNotReplaced) {
  Spill(path_, "mine");
  ExpectError(ExitCode::kCannotCreate, path_, [&] { WriteSafetensors(path_, {}, {}); });
  EXPECT_EQ(Slurp(path_), "mine");
}

// Bits from the definitions of binary16, bfloat16 and binary64.
TEST_F(Safetensors, HalfPrecisionAndDoubleBecomeFloats) {
  EXPECT_THAT(
      Floats("F16", "4", std::string("\x00\x3c\x01\x00\xff\x7b\x00\xfc", 8)),
      ElementsAre(1.0F, std::ldexp(1.0F, -24), 65504.0F, -std::numeric_limits<float>::infinity()));
  EXPECT_THAT(Floats("BF16", "2", std::string("\x80\x3f\x49\xc0", 4)),
              ElementsAre(1.0F, -3.140625F));
  const double third = 1.0 / 3;
  EXPECT_THAT(Floats("F64", "1", std::string(reinterpret_cast<const char*>(&third), 8)),
              ElementsAre(static_cast<float>(third)));
}

TEST_F(Safetensors, ScalarsAndEmptyTensorsAreTensors) {
  EXPECT_THAT(Floats("F32", "", std::string("\0\0\x80\x3f", 4)), ElementsAre(1.0F));
  EXPECT_TRUE(Floats("F32", "4611686018427387904,4611686018427387904,0", "").empty());
}

TEST_F(Safetensors, TypesThatNoParameterHasAreNamed) {
  Spill(path_, FileOf("{" + Tensor("steps", "I64", "1", "0,8") + "}", std::string(8, 'x')));
  const SafetensorsFile file = SafetensorsFile::Open(path_);
  ExpectError(ExitCode::kBadData, "tensor \"steps\" has the type I64",
              [&] { file.ReadFloats("steps"); });
}

TEST_F(Safetensors, AHeaderLongerThanTheFileIsRefused) {
  for (const std::uint64_t length :
       {std::uint64_t{100}, ~std::uint64_t{0}, std::uint64_t{1} << 40}) {
    Spill(path_, std::string(reinterpret_cast<const char*>(&length), 8) + "{}");
    ExpectError(ExitCode::kBadData, "it says that its header has",
                [&] { SafetensorsFile::Open(path_); });
  }
  Spill(path_, "short");
  ExpectError(ExitCode::kBadData, "it has 5 bytes", [&] { SafetensorsFile::Open(path_); });
}

TEST_F(Safetensors, JsonThatAsksForMemoryIsRefused) {
  ExpectRefused(std::string(1 << 20, '['), "", "nested more deeply");
  ExpectRefused(R"({"a":{"shape":[)" + std::string(1 << 20, '['), "", "nested more deeply");
  std::string ones = "1";
  for (int i = 0; i < 1000; ++i) ones += ",1";
  ExpectRefused("{" + Tensor("a", "F32", ones, "0,4") + "}", "0000", "more than 8 elements");
  ExpectRefused("{\"a\":", "", "no JSON");
  ExpectRefused("[]", "", "no JSON object");
}

// Entries that are no tensors are read quickly; what they lack is found only after all were
// counted.
TEST_F(Safetensors, AHeaderOfTooManyTensorsIsRefused) {
  std::string entries = "{\"__metadata__\":{}";
  for (int i = 0; i < 16384; ++i) entries += fmt::format(",\"{}\":0", i);
  ExpectRefused(entries + "}", "", "has no \"dtype\"");
  ExpectRefused(entries + ",\"one more\":0}", "", "more than 16384 tensors");
}

TEST_F(Safetensors, ShapesThatDoNotFitTheirBytesAreRefused) {
  ExpectRefused("{" + Tensor("a", "F32", "2", "0,4") + "}", "0000", "does not fit its 4 bytes");
  ExpectRefused("{" + Tensor("a", "F32", "1152921504606846976,16", "0,4") + "}", "0000",
                "does not fit its 4 bytes");
  ExpectRefused("{" + Tensor("a", "F32", "-1", "0,4") + "}", "0000", "allowed are integers from 0");
  ExpectRefused("{" + Tensor("a", "F32", "18446744073709551615", "0,4") + "}", "0000",
                "allowed are integers from 0");
  ExpectRefused("{" + Tensor("a", "F31", "1", "0,4") + "}", "0000", "unknown type \"F31\"");
}

TEST_F(Safetensors, EveryByteBelongsToOneTensor) {
  const auto both = [](const std::string& first, const std::string& second) {
    return "{" + Tensor("a", "U8", "4", first) + "," + Tensor("b", "U8", "4", second) + "}";
  };
  Spill(path_, FileOf(both("4,8", "0,4"), "00000000"));
  SafetensorsFile::Open(path_);
  ExpectRefused(both("0,4", "2,6"), "00000000", "arrays overlap");
  ExpectRefused(both("0,4", "0,4"), "0000", "arrays overlap");
  ExpectRefused(both("0,4", "5,9"), "000000000", "arrays have gaps");
  ExpectRefused(both("0,4", "4,8"), "0000000000", "its last 2 bytes belong to no tensor");
  ExpectRefused(both("0,4", "4,8"), "000000", "but 6 bytes follow the header");
  ExpectRefused(both("4,0", "4,8"), "00000000", "has the offsets [4, 0]");
}

TEST_F(Safetensors, NamesAndMetadataAreChecked) {
  const std::string a = Tensor("a", "U8", "0", "0,0");
  ExpectRefused("{" + a + "," + a + "}", "", "has the name \"a\" twice");
  ExpectRefused(R"({"__metadata__":[]})", "", "__metadata__ is no object");
  ExpectRefused(R"({"__metadata__":{"k":1}})", "", "a value for \"k\" that is no text");
  ExpectRefused(R"({"a":{"shape":[1],"data_offsets":[0,4]}})", "0000", "has no \"dtype\"");
  ExpectRefused(R"({"a":{"dtype":"F32","data_offsets":[0,4]}})", "0000", "no list \"shape\"");
}

}  // namespace
}  // namespace lockstep
