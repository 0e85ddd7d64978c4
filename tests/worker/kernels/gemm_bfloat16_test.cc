// Products of operands that are rounded to bfloat16, bit by bit against pairs of products, in every
// way that this machine can compute them: floats on each instruction set, and VDPBF16PS.
#include "tests/worker/kernels/rounded_products.h"
#include "worker/kernels/bfloat16_route.h"

namespace lockstep {
namespace {

constexpr Precision kPrecision = Precision::kBfloat16;

template <typename Body>
void ForEachWay(const Body& body) {
  ForEachRoute(
      "VDPBF16PS", [](Isa isa) { return isa >= Isa::kAvx512 && HasBfloat16(); }, ForcePairs, false,
      body);
}

// Pairs of products of rounded operands, the odd one first (Intel SDM, VDPBF16PS).
constexpr auto kPairs = [](Index k, const auto& left, const auto& right, float sum) {
  for (Index l = 0; l < k; l += 2) {
    if (l + 1 < k) sum = std::fma(left(l + 1), right(l + 1), sum);
    sum = std::fma(left(l), right(l), sum);
  }
  return sum;
};

TEST(Bfloat16, MultiplyIsTheChainOfRoundedPairs) {
  ForEachWay([](Isa) { ExpectMultiplyIs<float>(kPrecision, OfRounded(kPairs)); });
}

TEST(Bfloat16, ProductsOfFewRowsAreTheChainOfRoundedPairs) {
  ForEachWay([](Isa) { ExpectFewRowsAre<float>(kPrecision, OfRounded(kPairs)); });
}

TEST(Bfloat16, AddTransposedIsTheChainOfRoundedPairs) {
  ForEachWay([](Isa) { ExpectAddTransposedIs<float>(kPrecision, OfRounded(kPairs)); });
}

TEST(Bfloat16, LetsNotANumberThroughAndKeepsItInItsRow) {
  ForEachWay([](Isa) { ExpectNotANumberStaysInItsRow(kPrecision); });
}

TEST(Bfloat16, SumsAreThoseOfVdpbf16psWhateverTheNumbers) {
  constexpr Index kTerms = 6;
  for (const Regime& regime : kRegimes) {
    SCOPED_TRACE(regime.what);
    std::vector<float> expected;
    ForEachWay([&](Isa isa) {
      // Without fused multiply-add, a product below the least normal number is lost for its sum.
      if (isa == Isa::kSse4) return;
      const std::vector<float> found = SumsOf(kPrecision, kTerms, regime);
      if (expected.empty()) expected = found;
      ExpectSameSums(found, expected);
    });
  }
}

TEST(Bfloat16, LeavesSubnormalNumbersOfOthersAlone) {
  ForEachWay([](Isa) {
    SumsOf(kPrecision, 6, kRegimes[0]);
    const volatile float least = std::numeric_limits<float>::min();
    const volatile float half = least * 0.5f;
    EXPECT_NE(half, 0.0f);
    EXPECT_EQ(half * 2.0f, least);
  });
}

TEST(Bfloat16, GainIsThatOfTheFasterWay) {
  EXPECT_EQ(Bfloat16Gain(Isa::kAvx2), 1.0);
  EXPECT_GE(Bfloat16Gain(Isa::kAvx512), 1.0);
  EXPECT_EQ(Bfloat16Text(1.0), "bf16 computes at the speed of float32 here");
  EXPECT_EQ(Bfloat16Text(1.96), "bf16 computes up to 2.0 times as fast as float32 here");
}

}  // namespace
}  // namespace lockstep
