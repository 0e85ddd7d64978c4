#include "data/dna/label_file.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "tests/support/expect_error.h"
#include "tests/support/temp_folder.h"

namespace lockstep {
namespace {

std::vector<int> ReadAll(const LabelFile& file, std::size_t bases) {
  std::vector<std::uint8_t> labels(bases);
  file.Read(0, labels);
  return {labels.begin(), labels.end()};
}

TEST(LabelFile, TheRowPaintedFirstKeepsTheBase) {
  const TempFolder folder;
  LabelFile file(folder.path(), 8);
  file.Paint(1, 4, 1);
  file.Paint(2, 6, 2);
  EXPECT_EQ(ReadAll(file, 8), (std::vector<int>{0, 1, 1, 1, 2, 2, 0, 0}));
  EXPECT_EQ(file.conflicts(), 2);
}

TEST(LabelFile, CountsABaseInConflictOnceWhateverIsPaintedOverIt) {
  const TempFolder folder;
  LabelFile file(folder.path(), 4);
  for (int label : {1, 2, 1, 2, 1}) file.Paint(0, 2, static_cast<std::uint8_t>(label));
  EXPECT_EQ(file.conflicts(), 2);
  EXPECT_EQ(ReadAll(file, 4), (std::vector<int>{1, 1, 0, 0}));
}

TEST(LabelFile, RowsOfOneStrandMayOverlap) {
  const TempFolder folder;
  LabelFile file(folder.path(), 4);
  file.Paint(0, 3, 1);
  file.Paint(1, 4, 1);
  EXPECT_EQ(file.conflicts(), 0);
  EXPECT_EQ(ReadAll(file, 4), (std::vector<int>{1, 1, 1, 1}));
}

TEST(LabelFile, RowsLongerThanAPieceArePaintedWhole) {
  constexpr std::size_t kBases = 3'000'000;
  const TempFolder folder;
  LabelFile file(folder.path(), kBases);
  file.Paint(5, kBases - 5, 2);
  const std::vector<int> labels = ReadAll(file, kBases);
  EXPECT_EQ(std::count(labels.begin(), labels.end(), 2), static_cast<Index>(kBases - 10));
  EXPECT_EQ(labels[4], 0);
  EXPECT_EQ(labels[5], 2);
}

TEST(LabelFile, HasNoName) {
  const TempFolder folder;
  const LabelFile file(folder.path(), 4);
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

}  // namespace
}  // namespace lockstep
