#include "data/speech/features/feature_transforms.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "tests/data/speech/features/kaldi_signal.h"

namespace lockstep {
namespace {

using testing::ElementsAre;
using Rows = std::vector<float>;

// A line has slope 2 in the middle, a parabola t^2 the second difference 2.
TEST(Deltas, AreTheSlopesOfLinesAndParabolas) {
  Rows rows;
  for (int t = 0; t < 20; ++t) rows.insert(rows.end(), {2.0f * t, static_cast<float>(t * t)});
  const Rows wider = AddDeltas(rows, 2);
  ASSERT_EQ(wider.size(), 20u * 6);
  for (int t = 4; t < 16; ++t) {
    const float* row = wider.data() + t * 6;
    const Rows expected{2.0f * t, 1.0f * t * t, 2, 2.0f * t, 0, 2};
    for (int i = 0; i < 6; ++i) EXPECT_NEAR(row[i], expected[i], 1e-4) << t << ' ' << i;
  }
}

// By hand: (-2 x0 - x0 + x1 + 2 x2) / 10 at the first frame, where x(-1) = x(-2) = x0.
TEST(Deltas, RepeatTheFramesAtTheEnds) {
  const Rows wider = AddDeltas(Rows{1, 2, 4}, 1, 1);
  EXPECT_THAT(wider, ElementsAre(1, testing::FloatNear((-3 + 2 + 8) / 10.0f, 1e-6), 2,
                                 testing::FloatNear((-2 - 1 + 4 + 8) / 10.0f, 1e-6), 4,
                                 testing::FloatNear((-2 - 2 + 4 + 8) / 10.0f, 1e-6)));
}

TEST(Deltas, HaveTheSameBitsFromFramesThatComeInPieces) {
  for (const Index order : {0, 1, 2}) {
    DeltaStream stream(3, order);
    for (const Index frames : {1, 2, 5, 33}) {
      const Rows rows = KaldiSignal(16000, 3 * frames);
      for (const Index piece : {1, 4, 100}) {
        Rows wider;
        for (Index at = 0; at < frames; at += piece) {
          const Index count = std::min(piece, frames - at);
          stream.Add(std::span(rows).subspan(static_cast<std::size_t>(3 * at),
                                             static_cast<std::size_t>(3 * count)),
                     &wider);
        }
        stream.Finish(&wider);
        EXPECT_EQ(wider, AddDeltas(rows, 3, order)) << frames << " frames, pieces of " << piece;
      }
    }
  }
}

TEST(Deltas, OfOneFrameAreZero) {
  const auto zero = testing::FloatNear(0, 1e-6);
  EXPECT_THAT(AddDeltas(Rows{3, 4}, 2, 1), ElementsAre(3, 4, zero, zero));
  EXPECT_THAT(AddDeltas(Rows{3, 4}, 2, 0), ElementsAre(3, 4));
  EXPECT_TRUE(AddDeltas(Rows{}, 2).empty());
}

TEST(Normalise, LeavesMean0AndVariance1) {
  Rows rows = KaldiSignal(16000, 3000);
  FeatureMoments moments(3);
  moments.Add(rows);
  Normalise(moments, true, rows);
  FeatureMoments after(3);
  after.Add(rows);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_NEAR(after.sum[i] / 1000, 0, 1e-6);
    EXPECT_NEAR(after.squares[i] / 1000, 1, 1e-5);
  }
}

TEST(Normalise, OfMeansAloneKeepsDifferences) {
  Rows rows{1, 10, 3, 20};
  FeatureMoments moments(2);
  moments.Add(rows);
  Normalise(moments, false, rows);
  EXPECT_THAT(rows, ElementsAre(-1, -5, 1, 5));
}

TEST(Normalise, MomentsOfUtterancesAddUpToThoseOfTheSpeaker) {
  const Rows rows{1, 10, 3, 20, 5, 60};
  FeatureMoments whole(2), first(2), second(2);
  whole.Add(rows);
  first.Add(std::span(rows).first(2));
  second.Add(std::span(rows).subspan(2));
  first.Add(second);
  EXPECT_EQ(first.frames, whole.frames);
  EXPECT_EQ(first.sum, whole.sum);
  EXPECT_EQ(first.squares, whole.squares);
}

TEST(Normalise, SilenceBecomesZeros) {
  Rows rows(3000, -15.942385f);
  FeatureMoments moments(3);
  moments.Add(rows);
  Normalise(moments, true, rows);
  for (const float value : rows) ASSERT_NEAR(value, 0, 1e-6);
}

TEST(Normalise, WithoutFramesNothingChanges) {
  Rows rows{1, 2};
  Normalise(FeatureMoments(2), true, rows);
  EXPECT_THAT(rows, ElementsAre(1, 2));
}

}  // namespace
}  // namespace lockstep
