// Forward and backward of a slot give the same bits each time and on each thread: the ground on
// which training is the same on one thread and on many ranks.
#include <gtest/gtest.h>

#include "base/hash.h"
#include "base/thread_team.h"
#include "tests/worker/layers/layer_harness.h"

namespace lockstep {
namespace {

class SlotBits : public testing::TestWithParam<CellKind> {
 protected:
  // Sizes at which GEMM would use more than one thread, if it were let.
  static std::string Hash(CellKind cell, std::uint64_t seed = 1) {
    LayerHarness<float> harness(
        {.cell = cell, .input_size = 96, .hidden_size = 131, .directions = 2},
        {40, 40, 31, 31, 30, 12, 12, 11, 10, 7, 7, 3, 1, 1}, seed);
    harness.Forward();
    harness.Backward();
    StreamHash hash;
    for (const auto* array : {&harness.y, &harness.d_x, &harness.gradient}) {
      hash.Add(std::as_bytes(array->span()));
    }
    return hash.Hex();
  }
};
INSTANTIATE_TEST_SUITE_P(Cells, SlotBits,
                         testing::Values(CellKind::kRnnTanh, CellKind::kRnnRelu, CellKind::kGru,
                                         CellKind::kGruResetBefore, CellKind::kLstm,
                                         CellKind::kGruLn, CellKind::kLstmLn),
                         [](const auto& cell) { return CellName(cell.param); });

TEST_P(SlotBits, AreTheSameTwice) {
  EXPECT_EQ(Hash(GetParam()), Hash(GetParam()));
  EXPECT_NE(Hash(GetParam()), Hash(GetParam(), 2));
}

TEST_P(SlotBits, AreTheSameOnEveryThreadOfATeam) {
  const std::string expected = Hash(GetParam());
  ThreadTeam team(4);
  std::vector<std::string> hashes(4);
  for (int round = 0; round < 3; ++round) {
    team.Run([&](int member) { hashes[static_cast<std::size_t>(member)] = Hash(GetParam()); });
    EXPECT_EQ(hashes, std::vector<std::string>(4, expected));
  }
}

// The workspace holds whatever the slot before left in it.
TEST_P(SlotBits, DoNotDependOnWhatWasComputedBefore) {
  const RecurrentShape shape{
      .cell = GetParam(), .input_size = 5, .hidden_size = 18, .directions = 2};
  LayerHarness<float> fresh(shape, {6, 4, 1}), used(shape, {6, 4, 1});
  float* rubbish = used.workspace.Take<float>(used.workspace.capacity_bytes() / 4);
  std::fill_n(rubbish, used.workspace.capacity_bytes() / 4, std::nanf(""));
  for (LayerHarness<float>* harness : {&fresh, &used}) {
    harness->Forward();
    harness->Backward();
  }
  for (Index i = 0; i < fresh.gradient.size(); ++i) {
    EXPECT_EQ(fresh.gradient[i], used.gradient[i]);
  }
  for (Index i = 0; i < fresh.d_x.size(); ++i) EXPECT_EQ(fresh.d_x[i], used.d_x[i]);
}

}  // namespace
}  // namespace lockstep
