#include "base/workspace.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>

namespace lockstep {
namespace {

bool IsAligned(const void* p) { return reinterpret_cast<std::uintptr_t>(p) % kAlignmentBytes == 0; }

TEST(RoundUp, GivesTheNextMultiple) {
  EXPECT_EQ(RoundUp(0, 64), 0);
  EXPECT_EQ(RoundUp(1, 64), 64);
  EXPECT_EQ(RoundUp(64, 64), 64);
  EXPECT_EQ(RoundUp(65, 64), 128);
}

TEST(AlignedBuffer, IsZeroAndAlignedForEverySize) {
  for (Index count = 0; count < 200; ++count) {
    const AlignedBuffer<float> buffer(count);
    EXPECT_EQ(buffer.size(), count);
    EXPECT_TRUE(IsAligned(buffer.data()));
    EXPECT_TRUE(std::ranges::all_of(buffer.span(), [](float x) { return x == 0; }));
  }
}

TEST(AlignedBuffer, MovesItsElements) {
  AlignedBuffer<int> from(3);
  from[2] = 7;
  const int* data = from.data();
  const AlignedBuffer<int> to = std::move(from);
  EXPECT_EQ(to.data(), data);
  EXPECT_EQ(to.size(), 3);
  EXPECT_EQ(to[2], 7);
}

TEST(Workspace, PiecesAreAlignedAndDoNotOverlap) {
  Workspace workspace(1024);
  float* a = workspace.Take<float>(3);
  double* b = workspace.Take<double>(9);
  std::uint8_t* c = workspace.Take<std::uint8_t>(1);
  EXPECT_TRUE(IsAligned(a) && IsAligned(b) && IsAligned(c));
  EXPECT_GE(reinterpret_cast<char*>(b), reinterpret_cast<char*>(a + 3));
  EXPECT_GE(reinterpret_cast<char*>(c), reinterpret_cast<char*>(b + 9));
}

TEST(Workspace, UsesWhatBytesForSays) {
  Workspace workspace(1000);
  EXPECT_EQ(workspace.capacity_bytes(), 1024);
  workspace.Take<float>(17);
  EXPECT_EQ(workspace.used_bytes(), Workspace::BytesFor<float>(17));
  EXPECT_EQ(Workspace::BytesFor<float>(17), 128);
  EXPECT_EQ(Workspace::BytesFor<float>(0), 0);
}

TEST(Workspace, GivesTheSamePiecesAfterRewind) {
  Workspace workspace(1024);
  workspace.Take<float>(1);
  const Index mark = workspace.used_bytes();
  float* second = workspace.Take<float>(5);
  workspace.Take<float>(100);
  workspace.Rewind(mark);
  EXPECT_EQ(workspace.Take<float>(5), second);
  workspace.Rewind(0);
  EXPECT_EQ(workspace.used_bytes(), 0);
}

TEST(Workspace, CanBeFilledToTheLastByte) {
  Workspace workspace(128);
  workspace.Take<float>(32);
  EXPECT_EQ(workspace.used_bytes(), workspace.capacity_bytes());
}

TEST(WorkspaceDeathTest, AbortsOnAMarkAhead) {
  Workspace workspace(128);
  EXPECT_DEATH(workspace.Rewind(1), "mark <= used_");
}

TEST(WorkspaceDeathTest, AbortsWhenItIsUsedUp) {
  Workspace workspace(128);
  workspace.Take<float>(17);
  EXPECT_DEATH(workspace.Take<float>(1), "used_ \\+ bytes <= buffer_.size\\(\\)");
}

}  // namespace
}  // namespace lockstep
