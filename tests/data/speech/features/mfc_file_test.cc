#include "data/speech/features/mfc_file.h"

#include <gtest/gtest.h>

#include "tests/support/expect_error.h"
#include "tests/support/temp_folder.h"

namespace lockstep {
namespace {

class MfcFile : public testing::Test {
 protected:
  FeatureMatrix Read(const std::string& bytes, Index columns) {
    Spill(path_, bytes);
    return ReadMfcFile(path_, columns);
  }
  TempFolder folder_;
  std::string path_ = folder_ / "x.mfc";
  // Four floats: 1, -2, 0.5, 3.
  const std::string big_ = {std::string("\0\0\0\4", 4) + std::string("\x3f\x80\0\0", 4) +
                            std::string("\xc0\0\0\0", 4) + std::string("\x3f\0\0\0", 4) +
                            std::string("\x40\x40\0\0", 4)};
};

TEST_F(MfcFile, BothByteOrders) {
  const std::vector<float> expected = {1, -2, 0.5, 3};
  std::string little = big_;
  for (std::size_t i = 0; i < little.size(); i += 4) {
    std::swap(little[i], little[i + 3]);
    std::swap(little[i + 1], little[i + 2]);
  }
  EXPECT_EQ(Read(big_, 2).values, expected);
  EXPECT_EQ(Read(little, 2).values, expected);
  EXPECT_EQ(MfcShape(path_, 2).rows, 2);
}

TEST_F(MfcFile, WrongSizes) {
  ExpectError(ExitCode::kBadData, "says it holds 4 floats, which would be 20 bytes, and has 19",
              [&] { Read(big_.substr(0, 19), 2); });
  ExpectError(ExitCode::kBadData, "no whole number of frames of 3", [&] { Read(big_, 3); });
  ExpectError(ExitCode::kBadData, "has 2 bytes", [&] { Read("ab", 2); });
}

}  // namespace
}  // namespace lockstep
