#include "data/arrays/number_array.h"

#include <cmath>

#include "base/hdf5_file.h"
#include "data/arrays/zip_file.h"
#include "tests/data/arrays/array_bytes.h"
#include "tests/support/expect_error.h"
#include "tests/support/temp_folder.h"

namespace lockstep {
namespace {

using testing::ElementsAre;

class NumberArrayTest : public testing::Test {
 protected:
  NumberArray Open(const std::string& bytes, const std::string& member = "") {
    Spill(path_, bytes);
    return OpenNumberArray(path_, member);
  }
  void Fails(ExitCode code, const std::string& message, const std::string& bytes,
             const std::string& member = "") {
    ExpectError(code, message, [&] { Open(bytes, member).ReadAll(); });
  }

  TempFolder folder_;
  std::string path_ = folder_ / "x";
};

TEST_F(NumberArrayTest, EveryTypeBecomesDouble) {
  EXPECT_THAT(Open(NpyBytes<float>("<f4", "(2,)", {1.5F, -2})).ReadAll(), ElementsAre(1.5, -2));
  // 1.5, -2, the largest and the smallest float16 (IEEE 754 binary16)
  const std::vector<std::uint16_t> halves = {0x3E00, 0xC000, 0x7BFF, 0x0001};
  EXPECT_THAT(Open(NpyBytes<std::uint16_t>("<f2", "(4,)", halves)).ReadAll(),
              ElementsAre(1.5, -2, 65504, std::ldexp(1.0, -24)));
  EXPECT_THAT(Open(NpyBytes<std::uint16_t>(">f2", "(1,)", {0x003E})).ReadAll(), ElementsAre(1.5));
  EXPECT_THAT(Open(NpyBytes<double>("<f8", "(1,)", {0.1})).ReadAll(), ElementsAre(0.1));
  EXPECT_THAT(Open(NpyBytes<std::int8_t>("|i1", "(1,)", {-5})).ReadAll(), ElementsAre(-5));
  EXPECT_THAT(Open(NpyBytes<std::uint16_t>("<u2", "(1,)", {65535})).ReadAll(), ElementsAre(65535));
  EXPECT_THAT(Open(NpyBytes<std::int64_t>("<i8", "(1,)", {-7})).ReadAll(), ElementsAre(-7));
  EXPECT_THAT(Open(NpyBytes<std::uint8_t>("|b1", "(2,)", {0, 1})).ReadAll(), ElementsAre(0, 1));
  EXPECT_THAT(Open(NpyBytes<std::uint16_t>(">i2", "(1,)", {0x0100})).ReadAll(), ElementsAre(1));
}

TEST_F(NumberArrayTest, PartsAreRead) {
  const NumberArray array = Open(NpyBytes<float>("<f4", "(2, 3)", {0, 1, 2, 3, 4, 5}));
  std::vector<double> values(3);
  array.Read(2, values);
  EXPECT_THAT(values, ElementsAre(2, 3, 4));
  EXPECT_THAT(array.shape(), ElementsAre(2, 3));
}

TEST_F(NumberArrayTest, MembersOfZipFilesAreReadStoredDeflatedAndWide) {
  const std::string x = NpyBytes<float>("<f4", "(2,)", {1, 2});
  const std::string y = NpyBytes<std::int32_t>("<i4", "(3,)", {3, 4, 5});
  for (const bool deflate : {false, true}) {
    for (const bool wide : {false, true}) {
      const std::string zip = ZipBytes({{"x.npy", x}, {"y.npy", y}}, deflate, wide);
      EXPECT_THAT(Open(zip, "x").ReadAll(), ElementsAre(1, 2)) << deflate << wide;
      EXPECT_THAT(Open(zip, "y").ReadAll(), ElementsAre(3, 4, 5)) << deflate << wide;
    }
  }
  EXPECT_EQ(Open(ZipBytes({{"x.npy", x}}, true), "x").name(), path_ + ": x");
  Fails(ExitCode::kUsage, "has no array \"other\"; there are: \"x\"",
        ZipBytes({{"x.npy", x}}, false), "other");
}

TEST_F(NumberArrayTest, WhatIsDeflatedHasItsChecksumAndSize) {
  const std::string x = NpyBytes<float>("<f4", "(3,)", {1, 2, 3});
  std::string zip = ZipBytes({{"x.npy", x}}, true);
  const std::size_t directory = zip.find("PK\x01\x02");
  std::string other = zip;
  other[directory + 16] ^= 1;  // of the checksum
  Fails(ExitCode::kBadData, "the member \"x.npy\" has another checksum", other, "x");
  other = zip;
  other[directory + 24] += 1;  // of the unpacked size
  Fails(ExitCode::kBadData, "does not unpack to its", other, "x");
  other = zip;
  other[directory + 27] = '\x7F';  // the unpacked size is 2 GB
  Fails(ExitCode::kBadData, "claims to unpack", other, "x");
  other = zip;
  other[directory + 10] = 12;
  Fails(ExitCode::kBadData, "is packed by method 12", other, "x");
}

TEST_F(NumberArrayTest, AnArrayThatIsThereTwiceIsRefused) {
  const std::string x = NpyBytes<float>("<f4", "(3,)", {1, 2, 3});
  for (const bool deflate : {false, true}) {
    Fails(ExitCode::kBadData, "has the array \"x\" twice",
          ZipBytes({{"x.npy", x}, {"y.npy", x}, {"x.npy", x}}, deflate), "x");
  }
}

TEST_F(NumberArrayTest, WhatIsStoredHasItsChecksum) {
  const std::string x = NpyBytes<float>("<f4", "(3,)", {1, 2, 3});
  std::string zip = ZipBytes({{"x.npy", x}}, false);
  zip[zip.find("PK\x01\x02") - 1] ^= 1;  // the last byte of the values
  Fails(ExitCode::kBadData, "the member \"x.npy\" has another checksum", zip, "x");
}

TEST_F(NumberArrayTest, SizesMustBeThoseOfTheShape) {
  const std::string x = NpyBytes<float>("<f4", "(3,)", {1, 2});
  Fails(ExitCode::kBadData, "claims the shape [3] of 4 bytes per value, but 8 bytes", x);
  for (const bool deflate : {false, true}) {
    Fails(ExitCode::kBadData, "claims the shape [3]", ZipBytes({{"x.npy", x}}, deflate), "x");
  }
}

TEST_F(NumberArrayTest, DatasetsOfHdf5AreRead) {
  Hdf5File file = Hdf5File::Create(path_);
  const std::vector<float> values = {1, 2, 3, 4};
  file.Write<float>("group/x", {2, 2}, values);
  file.Close();
  const NumberArray array = OpenNumberArray(path_, "group/x");
  EXPECT_THAT(array.ReadAll(), ElementsAre(1, 2, 3, 4));
  EXPECT_THAT(array.shape(), ElementsAre(2, 2));
  ExpectError(ExitCode::kUsage, "has no dataset \"group/y\"; did you mean \"group/x\"",
              [&] { OpenNumberArray(path_, "group/y"); });
}

}  // namespace
}  // namespace lockstep
