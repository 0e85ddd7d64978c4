// The archive was written by Kaldi's own code; make_ark_fixture.py says how.
#include "data/speech/features/kaldi_ark.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <map>
#include <sstream>

#include "tests/support/expect_error.h"
#include "tests/support/temp_folder.h"

namespace lockstep {
namespace {

const std::string kFolder = std::string(LOCKSTEP_SOURCE_DIR) + "/tests/data/speech/features/";
const std::string kArk = kFolder + "features.ark";

// Kaldi computes in float where we use double; values reach 40.
constexpr float kTolerance = 8e-6f;

std::map<std::string, Index> Offsets() {
  std::map<std::string, Index> offsets;
  std::istringstream lines(Slurp(kFolder + "features.scp"));
  for (std::string key, entry; lines >> key >> entry;) {
    offsets[key] = std::stoll(entry.substr(entry.find(':') + 1));
  }
  return offsets;
}

TEST(KaldiArk, EveryLayoutGivesWhatKaldiReads) {
  const auto offsets = Offsets();
  std::istringstream lines(Slurp(kFolder + "features.txt"));
  int layouts = 0;
  for (std::string line; std::getline(lines, line); ++layouts) {
    std::istringstream words(line);
    std::string key, number;
    Index rows = 0, columns = 0;
    words >> key >> rows >> columns;
    const FeatureMatrix matrix = ReadKaldiMatrix(kArk, offsets.at(key));
    EXPECT_EQ(matrix.rows, rows);
    EXPECT_EQ(matrix.columns, columns);
    for (const float value : matrix.values) {
      words >> number;
      EXPECT_NEAR(value, std::strtof(number.c_str(), nullptr), kTolerance) << key;
    }
    EXPECT_EQ(KaldiMatrixShape(kArk, offsets.at(key)).rows, rows);
  }
  EXPECT_EQ(layouts, 5);
}

TEST(KaldiArk, PlacesWhereNoMatrixBegins) {
  const Index offset = Offsets().at("fm");
  ExpectError(ExitCode::kBadData, "no binary matrix begins there",
              [&] { ReadKaldiMatrix(kArk, offset + 1); });
  ExpectError(ExitCode::kBadData, "the file ends at byte", [&] { ReadKaldiMatrix(kArk, 1 << 20); });
  ExpectError(ExitCode::kMissingInput, "none.ark", [&] { ReadKaldiMatrix("none.ark", 0); });
}

TEST(KaldiArk, CutShortAnywhereIsFound) {
  const std::string bytes = Slurp(kArk).substr(static_cast<std::size_t>(Offsets().at("cm3")));
  const TempFolder folder;
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    Spill(folder / "cut.ark", bytes.substr(0, size));
    ExpectError(ExitCode::kBadData, "", [&] { ReadKaldiMatrix(folder / "cut.ark", 0); });
  }
}

TEST(KaldiArk, SizesAreNotTrusted) {
  const TempFolder folder;
  std::string bytes = Slurp(kArk).substr(3, 200);
  for (const char* size : {"\xff\xff\xff\x7f", "\xff\xff\xff\xff"}) {
    bytes.replace(6, 4, size, 4);
    bytes.replace(11, 4, size, 4);
    Spill(folder / "big.ark", bytes);
    ExpectError(ExitCode::kBadData, "a matrix of", [&] { ReadKaldiMatrix(folder / "big.ark", 0); });
  }
}

TEST(KaldiArk, SlicesLieInTheMatrix) {
  FeatureMatrix matrix{3, 2, {1, 2, 3, 4, 5, 6}};
  EXPECT_EQ(Slice(matrix, {1, 3}, {1, 2}).values, (std::vector<float>{4, 6}));
  EXPECT_EQ(Slice(matrix, {}, {}).values, matrix.values);
  ExpectError(ExitCode::kBadData, "rows 1 to 3 are asked for, and the matrix has 3", [&] {
    Slice(matrix, {1, 4}, {});
  });
}

}  // namespace
}  // namespace lockstep
