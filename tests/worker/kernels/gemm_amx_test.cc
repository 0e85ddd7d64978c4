// Products in the order of AMX, bit by bit against the sums of its instruction, in every way that
// this machine can compute them: floats on each instruction set, and TDPBF16PS.
#include "tests/worker/kernels/rounded_products.h"
#include "worker/kernels/amx.h"

namespace lockstep {
namespace {

constexpr Precision kPrecision = Precision::kBfloat16Amx;

template <typename Body>
void ForEachWay(const Body& body) {
  ForEachRoute(
      "TDPBF16PS", [](Isa isa) { return isa >= Isa::kAvx512 && HasAmx(); },
      [](bool uses) { ForbidAmx(!uses); }, true, body);
}

// The products of even and of odd k of each 32 neighbouring k are summed up apart, from zero on
// (Intel SDM, TDPBF16PS).
constexpr auto kBlocks = [](Index k, const auto& left, const auto& right, float sum) {
  for (Index block = 0; block < k; block += 32) {
    float even = 0, odd = 0;
    for (Index l = block; l < std::min(k, block + 32); l += 2) {
      even = std::fma(left(l), right(l), even);
      if (l + 1 < k) odd = std::fma(left(l + 1), right(l + 1), odd);
    }
    sum += even + odd;
  }
  return sum;
};

TEST(GemmAmx, MultiplyIsTheSumOfBlocks) {
  ForEachWay([](Isa) { ExpectMultiplyIs<float>(kPrecision, OfRounded(kBlocks)); });
}

TEST(GemmAmx, TheOrderOfPanelsChangesNoBit) {
  constexpr Index kRows = 21, kColumns = 150, kTerms = 45;
  Workspace workspace(kWorkspaceBytes);
  const Stored<float> a(kRows, kTerms, 0, 1), b(kTerms, kColumns, 0, 2);
  const auto packed = Pack(kPrecision, Op::kAsIs, kTerms, kColumns, b.data(), b.stride, &workspace);
  Stored<float> expected(kRows, kColumns, 3, 3), found(kRows, kColumns, 3, 3);
  Multiply(kRows, a.data(), kTerms, packed, true, expected.data(), expected.stride, &workspace);
  Multiply(kRows, a.data(), kTerms, packed, true, found.data(), found.stride, &workspace,
           PanelOrder::kDescending);
  ExpectSameBits(found, expected, "descending");
}

TEST(GemmAmx, AddTransposedIsTheSumOfBlocks) {
  ForEachWay([](Isa) { ExpectAddTransposedIs<float>(kPrecision, OfRounded(kBlocks)); });
}

TEST(GemmAmx, LetsNotANumberThroughAndKeepsItInItsRow) {
  ForEachWay([](Isa) { ExpectNotANumberStaysInItsRow(kPrecision); });
}

TEST(GemmAmx, SumsAreThoseOfTdpbf16psWhateverTheNumbers) {
  if (!HasAmx()) GTEST_SKIP() << "this machine has no AMX";
  for (Index terms : {6, 32, 71}) {
    for (const Regime& regime : kRegimes) {
      SCOPED_TRACE(regime.what);
      const std::vector<float> expected = SumsOf(kPrecision, terms, regime);
      ForbidAmx(true);
      ExpectSameSums(SumsOf(kPrecision, terms, regime), expected);
      ForbidAmx(false);
    }
  }
}

TEST(GemmAmx, IsUsedOnlyWithAvx512) {
  EXPECT_FALSE(UsesAmx(Isa::kAvx2));
  EXPECT_EQ(AmxGain(Isa::kAvx2), 0);
  EXPECT_EQ(UsesAmx(Isa::kAvx512), HasAmx());
  EXPECT_EQ(AmxGain(Isa::kAvx512) > 1, HasAmx());
}

}  // namespace
}  // namespace lockstep
