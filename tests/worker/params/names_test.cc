// The words by which a configuration names cells and instruction sets.
#include <gtest/gtest.h>

#include "tests/support/expect_error.h"
#include "worker/kernels/isa.h"
#include "worker/layers/cell_kind.h"

namespace lockstep {
namespace {

TEST(CellKind, IsFoundByItsName) {
  for (const char* name : {"rnn_tanh", "rnn_relu", "gru", "gru_reset_before", "lstm"}) {
    EXPECT_EQ(CellName(CellFromName(name)), name);
  }
}

TEST(CellKind, HasTheGatesOfTorch) {
  EXPECT_EQ(GateCount(CellKind::kRnnTanh), 1);
  EXPECT_EQ(GateCount(CellKind::kRnnRelu), 1);
  EXPECT_EQ(GateCount(CellKind::kGru), 3);
  EXPECT_EQ(GateCount(CellKind::kGruResetBefore), 3);
  EXPECT_EQ(GateCount(CellKind::kLstm), 4);
  EXPECT_EQ(GateCount(CellKind::kGruLn), 3);
  EXPECT_EQ(GateCount(CellKind::kLstmLn), 4);
}

TEST(CellKind, OfAnotherNameIsRefusedWithTheAllowedOnes) {
  ExpectError(ExitCode::kUsage,
              "model.cell is \"grue\"; allowed are rnn_tanh, rnn_relu, gru, gru_reset_before, lstm",
              [] { CellFromName("grue"); });
}

TEST(Isa, IsFoundByItsName) {
  for (const char* name : {"sse4", "avx2", "avx512"}) EXPECT_EQ(IsaName(IsaFromName(name)), name);
}

TEST(Isa, OfAnotherNameIsRefusedWithTheAllowedOnes) {
  ExpectError(ExitCode::kUsage, "numerics.isa is \"neon\"; allowed are auto, sse4, avx2 and avx512",
              [] { IsaFromName("neon"); });
}

}  // namespace
}  // namespace lockstep
