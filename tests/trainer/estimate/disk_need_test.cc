#include "trainer/estimate/disk_need.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "checkpoint/checkpoint_file.h"
#include "checkpoint/checkpoint_folder.h"
#include "tests/support/expect_error.h"
#include "tests/support/small_model.h"
#include "tests/support/temp_folder.h"
#include "trainer/save/snapshot.h"

namespace lockstep {
namespace {

class DiskNeedTest : public testing::Test {
 protected:
  DiskNeedTest() { options_.checkpoint = {.every = 10, .keep = 3}; }
  SmallEncoderModel<float> Model() const {
    SmallModelOptions model;
    static_cast<EncoderOptions&>(model) = options_.model.encoder;
    model.symbols = 5;
    model.classes = 3;
    return SmallEncoderModel<float>(model);
  }
  DiskNeed Need() const { return NeedOfDisk(Model(), corpus_, options_); }
  // What a checkpoint of the model really takes.
  Index FileBytes() const {
    const SmallEncoderModel<float> model = Model();
    const Index size = model.layout().size();
    const Communicator comm = Communicator::Single();
    const PiecePlan plan({{0, size}}, size, 1, {.grain = kBlockElements});
    const Snapshot snapshot(comm, model.layout(), plan, options_.optimizer);
    const CheckpointImage image = snapshot.Image();
    return static_cast<Index>(image.header.size() + image.body.size());
  }
  TrainerOptions options_;
  CorpusInfo corpus_;
};

TEST_F(DiskNeedTest, BoundsAFileClosely) {
  for (const Index hidden : {4, 64, 256}) {
    for (const Index layers : {1, 4}) {
      options_.model.encoder.hidden_size = hidden;
      options_.model.encoder.layers = layers;
      EXPECT_GE(Need().file_bytes, FileBytes()) << hidden << " x " << layers;
      EXPECT_LE(Need().file_bytes, FileBytes() * 1.1 + 100000) << hidden << " x " << layers;
    }
  }
}

TEST_F(DiskNeedTest, CountsTheKeptTheBestAndTheOneBeingWritten) {
  EXPECT_EQ(Need().files, 5);
  EXPECT_THAT(Describe(Need()), testing::HasSubstr("at most 5 of them"));
  options_.checkpoint.keep_every = 100;
  options_.steps = 1000;
  EXPECT_EQ(Need().files, 15);
  EXPECT_FALSE(Need().grows);
}

TEST_F(DiskNeedTest, SaysWhenNoEndIsKnown) {
  options_.checkpoint.keep = 0;
  EXPECT_TRUE(Need().grows);
  options_.steps = 100;  // a checkpoint every 10
  EXPECT_EQ(Need().files, 12);
  EXPECT_FALSE(Need().grows);
}

TEST_F(DiskNeedTest, CountsEachValidationWhereAllCheckpointsAreKept) {
  options_.checkpoint.keep = 0;
  options_.steps = 100;
  options_.validation.every = 7;
  corpus_.splits["train"].sequences = 40;
  corpus_.splits["valid"].sequences = 1;
  EXPECT_EQ(Need().files, 12 + 100 / 7);
  options_.validation.every = 0;  // once an epoch
  options_.stream.plan.batch_sequences = 8;
  EXPECT_EQ(Need().files, 12 + 100 / 5);
}

TEST_F(DiskNeedTest, CheckpointsThatAreThereCountAsKept) {
  const TempFolder folder;
  const DiskNeed need{.file_bytes = 1000, .files = 4};
  EXPECT_EQ(BytesStillNeeded(folder / "missing", need), 4000);
  Spill(CheckpointPath(folder.path(), 10), std::string(900, 'x'));
  EXPECT_EQ(BytesStillNeeded(folder.path(), need), 3100);
  Spill(CheckpointPath(folder.path(), 20), std::string(9000, 'x'));
  EXPECT_EQ(BytesStillNeeded(folder.path(), need), 1000);
}

TEST_F(DiskNeedTest, ADiskWithoutRoomForOneIsRefused) {
  const TempFolder folder;
  const Index free = static_cast<Index>(std::filesystem::space(folder.path()).available);
  ExpectError(ExitCode::kCannotCreate, "are free; make room",
              [&] { CheckDisk(folder.path(), {.file_bytes = 2 * free, .files = 1}); });
}

TEST_F(DiskNeedTest, ADiskWithoutRoomForAllIsWarnedOf) {
  const TempFolder folder;
  const Index free = static_cast<Index>(std::filesystem::space(folder.path()).available);
  testing::internal::CaptureStderr();
  CheckDisk(folder.path(), {.file_bytes = free / 4, .files = 8});
  EXPECT_THAT(testing::internal::GetCapturedStderr(),
              testing::HasSubstr("not all checkpoints will fit"));
  testing::internal::CaptureStderr();
  EXPECT_THAT(CheckDisk(folder.path(), {.file_bytes = 1000, .files = 8}),
              testing::HasSubstr("are free"));
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

}  // namespace
}  // namespace lockstep
