#include "data/dna/genes/base_evidence.h"

#include <gtest/gtest.h>

#include <cmath>

namespace lockstep {
namespace {

// Half a step of the rounding of Coding and Start.
constexpr float kCodingStep = 0.026f;
constexpr float kStartStep = 0.039f;

TEST(BaseEvidence, StrandsSayTheSameOfAllPositions) {
  std::vector<std::uint8_t> bytes;
  const std::vector<std::uint8_t> codes = {2, 4};
  const std::vector<float> logits = {0, 2, 1, 3, 0, 0};
  AppendEvidence(BaseLabels::kStrand, codes, logits, &bytes);
  const EvidenceView view{bytes};
  ASSERT_EQ(view.bases(), 2);
  EXPECT_EQ(view.Code(0), 2);
  EXPECT_EQ(view.Code(1), 4);
  for (int k = 0; k < 3; ++k) {
    EXPECT_NEAR(view.Coding(true, k, 0), 2, 2 * kCodingStep);
    EXPECT_NEAR(view.Coding(false, k, 0), 1, 2 * kCodingStep);
    EXPECT_NEAR(view.Coding(true, k, 1), -3, 4 * kCodingStep);
  }
  EXPECT_EQ(view.Start(true, 0), 0);
}

TEST(BaseEvidence, FramesAddUpTheKindsOfCodons) {
  std::vector<std::uint8_t> bytes;
  std::vector<float> p(kFrameClasses, 0.0f);
  p[kOtherClass] = 0.2f;
  p[FrameClass(true, CodonKind::kInner, 0)] = 0.3f;
  p[FrameClass(true, CodonKind::kStart, 0)] = 0.3f;
  p[FrameClass(false, CodonKind::kStop, 1)] = 0.2f;
  std::vector<float> logits;
  for (const float share : p) logits.push_back(std::log(share + 1e-9f));
  AppendEvidence(BaseLabels::kFrame, std::vector<std::uint8_t>{0}, logits, &bytes);
  const EvidenceView view{bytes};
  // The constant that is added to both probabilities changes these by less than the rounding.
  EXPECT_NEAR(view.Coding(true, 0, 0), std::log(0.6f / 0.2f), kCodingStep);
  EXPECT_NEAR(view.Coding(false, 1, 0), 0, kCodingStep);
  EXPECT_LT(view.Coding(true, 1, 0), -4);
  EXPECT_NEAR(view.Start(true, 0), std::log(0.3f / 0.7f), kStartStep);
  EXPECT_LT(view.Start(false, 0), -8);
}

TEST(BaseEvidence, IsBoundedHoweverSureTheModelIs) {
  std::vector<std::uint8_t> bytes;
  const std::vector<float> logits = {-1e4f, 1e4f, -1e4f};
  AppendEvidence(BaseLabels::kStrand, std::vector<std::uint8_t>{1}, logits, &bytes);
  const EvidenceView view{bytes};
  EXPECT_NEAR(view.Coding(true, 0, 0), std::log(513.0f), kCodingStep);
  EXPECT_NEAR(view.Coding(false, 0, 0), 0, kCodingStep);
}

}  // namespace
}  // namespace lockstep
