#include "checkpoint/checkpoint_file.h"

#include <gtest/gtest.h>
#include <malloc.h>

#include <algorithm>
#include <cstring>

#include "base/hash.h"
#include "tests/checkpoint/sample_checkpoint.h"
#include "tests/support/expect_error.h"
#include "tests/support/temp_folder.h"

namespace lockstep {
namespace {

using testing::ElementsAreArray;

class CheckpointFile : public testing::Test {
 protected:
  void WriteSample() { sample_.Write(path_); }
  std::string Bytes() { return Slurp(path_); }
  void Replace(const std::string& bytes) { Spill(path_, bytes); }
  void ExpectDamaged(const std::string& text) {
    ExpectError(ExitCode::kBadData, text, [&] { ReadCheckpoint(path_); });
    ExpectError(ExitCode::kBadData, path_, [&] { VerifyCheckpoint(path_); });
  }

  TempFolder folder_;
  std::string path_ = folder_ / "step-000000001200.h5";
  SampleCheckpoint sample_;
};

TEST_F(CheckpointFile, GivesBackWhatWasWritten) {
  WriteSample();
  const CheckpointContent content = ReadCheckpoint(path_);
  EXPECT_EQ(content.state, sample_.state);
  ASSERT_EQ(content.arrays.size(), 4u);
  const StoredArray& weight = content.arrays.at("rnn.weight_ih_l0");
  EXPECT_EQ(weight.type, ElementType::kFloat32);
  EXPECT_EQ(weight.shape, (std::vector<Index>{2, 3}));
  EXPECT_THAT(weight.as<float>(), ElementsAreArray(sample_.weight));
  EXPECT_THAT(content.arrays.at("optimizer/first_moment").as<double>(),
              ElementsAreArray(sample_.moment));
  EXPECT_EQ(content.arrays.at("optimizer/empty").shape, (std::vector<Index>{0, 5}));
  EXPECT_TRUE(content.arrays.at("cursor").shape.empty());
  EXPECT_EQ(content.arrays.at("cursor").as<std::int64_t>()[0], -7);
}

TEST_F(CheckpointFile, VerifyReturnsTheState) {
  WriteSample();
  EXPECT_EQ(VerifyCheckpoint(path_), sample_.state);
}

TEST_F(CheckpointFile, SameContentGivesTheSameBytes) {
  // Fresh memory is filled with different bytes: nothing unset may get into the file.
  mallopt(M_PERTURB, 0x55);
  const CheckpointImage first = sample_.Build();
  mallopt(M_PERTURB, 0xAA);
  std::vector<ArrayView> reversed = sample_.Views();
  std::reverse(reversed.begin(), reversed.end());
  const CheckpointImage second = BuildCheckpoint(sample_.state, reversed);
  mallopt(M_PERTURB, 0);
  EXPECT_EQ(first.header, second.header);
  EXPECT_EQ(first.body, second.body);
}

TEST_F(CheckpointFile, BeginsWithALineForPeople) {
  WriteSample();
  const std::string text = Bytes().substr(0, kCheckpointHeaderBytes);
  EXPECT_EQ(text.substr(0, 8), "LOCKSTEP");
  EXPECT_NE(text.find("\nLockstep checkpoint, format 1: "), std::string::npos);
}

TEST_F(CheckpointFile, MessagesSayWhatIsWrong) {
  WriteSample();
  const std::string bytes = Bytes();
  Replace(bytes.substr(0, 100));
  ExpectDamaged("it has 100 bytes, its header alone has 512");
  Replace("PK" + bytes.substr(2));
  ExpectDamaged("it is no lockstep checkpoint");
  Replace(bytes.substr(0, 60) + "x" + bytes.substr(61));
  ExpectDamaged("damaged header");
  Replace(bytes.substr(0, bytes.size() - 1));
  ExpectDamaged("its end is missing");
  Replace(bytes + "\n");
  ExpectDamaged("something was added to its end");
  Replace(bytes.substr(0, bytes.size() - 1) + static_cast<char>(bytes.back() ^ 1));
  ExpectDamaged("bytes from offset 512 have hash");
}

TEST_F(CheckpointFile, ANewerFormatIsRefusedAsSuch) {
  CheckpointImage image = sample_.Build();
  image.header[8] = std::byte{2};
  const std::uint64_t hash = Hash64(std::span(image.header).first(504));
  std::memcpy(image.header.data() + 504, &hash, 8);
  WriteCheckpoint(path_, image);
  ExpectDamaged("format version 2, this program reads 1; use a newer lockstep");
  EXPECT_THROW(ReadCheckpoint(path_), NewerFormatError);
}

TEST_F(CheckpointFile, AnExistingFileIsNotReplaced) {
  Replace("precious");
  ExpectError(ExitCode::kCannotCreate, path_ + ": File exists", [&] { WriteSample(); });
  EXPECT_EQ(Bytes(), "precious");
}

// Root may write to folders without write permission, so these are made unwritable by their kind.
TEST_F(CheckpointFile, AFolderThatCannotBeWrittenIsNamedWithTheReason) {
  Replace("a regular file");
  ExpectError(ExitCode::kCannotCreate, "Not a directory", [&] { sample_.Write(path_ + "/x.h5"); });
  ExpectError(ExitCode::kCannotCreate, "No such file or directory",
              [&] { sample_.Write(folder_ / "missing/x.h5"); });
}

TEST_F(CheckpointFile, AMissingFileIsMissingInput) {
  ExpectError(ExitCode::kMissingInput, path_, [&] { ReadCheckpoint(path_); });
}

}  // namespace
}  // namespace lockstep
