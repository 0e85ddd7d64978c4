#include "data/stream/frame_transform.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

namespace lockstep {
namespace {

constexpr Index kWidth = 6;

// Value i of frame t is t + i / 100.
std::vector<float> Ramp(Index frames) {
  std::vector<float> values;
  for (Index t = 0; t < frames; ++t) {
    for (Index i = 0; i < kWidth; ++i) {
      values.push_back(static_cast<float>(t) + static_cast<float>(i) / 100);
    }
  }
  return values;
}

std::vector<float> Rows(const FrameTransform& transform) {
  std::vector<float> rows(static_cast<std::size_t>(transform.steps() * transform.output_width()));
  for (Index step = 0; step < transform.steps(); ++step) {
    transform.Stack(step, rows.data() + step * transform.output_width());
  }
  return rows;
}

std::vector<float> Transformed(const FrameOptions& options, const std::vector<float>& frames,
                               Index epoch = 0, std::uint64_t id = 7, std::uint64_t seed = 1) {
  FrameTransform transform(options, seed, kWidth);
  transform.Apply(frames, 3, epoch, id);
  EXPECT_EQ(transform.steps(),
            transform.Steps(static_cast<Index>(frames.size()) / kWidth, 3, epoch, id));
  return Rows(transform);
}

TEST(FrameTransform, LeavesFramesAsTheyAreWithoutOptions) {
  EXPECT_TRUE(FrameOptions{}.IsIdentity());
  EXPECT_EQ(Transformed({}, Ramp(9)), Ramp(9));
}

TEST(FrameTransform, StacksAWindowAroundEachStride) {
  const std::vector<float> rows = Transformed({.stack = 4, .stride = 2}, Ramp(5));
  ASSERT_EQ(rows.size(), static_cast<std::size_t>(3 * 4 * kWidth));
  const Index expected[3][4] = {{0, 0, 1, 2}, {1, 2, 3, 4}, {3, 4, 4, 4}};
  for (std::size_t step = 0; step < 3; ++step) {
    for (std::size_t k = 0; k < 4; ++k) {
      EXPECT_EQ(rows[(step * 4 + k) * kWidth], static_cast<float>(expected[step][k]));
    }
  }
}

TEST(FrameTransform, TakesASingleFrameForItsWholeWindow) {
  const std::vector<float> rows = Transformed({.stack = 3, .stride = 3, .stretch = 0.3}, Ramp(1));
  EXPECT_EQ(rows.size(), static_cast<std::size_t>(3 * kWidth));
  EXPECT_EQ(rows[2 * kWidth + 1], 0.01f);
}

// A ramp in time stays a ramp from the first to the last value, with another slope.
TEST(FrameTransform, StretchesInTimeWithinItsBounds) {
  const FrameOptions options{.stretch = 0.2};
  Index shortest = 1000, longest = 0;
  for (std::uint64_t id = 0; id < 200; ++id) {
    FrameTransform transform(options, 1, kWidth);
    transform.Apply(Ramp(100), 3, 0, id);
    const Index steps = transform.steps();
    const std::vector<float> rows = Rows(transform);
    for (Index t = 0; t < steps; ++t) {
      const double expected = 99.0 * static_cast<double>(t) / static_cast<double>(steps - 1);
      ASSERT_NEAR(rows[static_cast<std::size_t>(t * kWidth)], expected, 1e-4);
    }
    shortest = std::min(shortest, steps);
    longest = std::max(longest, steps);
    ASSERT_LE(steps, transform.MostSteps(100));
  }
  EXPECT_GE(shortest, 80);
  EXPECT_LE(shortest, 83);
  EXPECT_GE(longest, 117);
  EXPECT_LE(longest, 120);
}

TEST(FrameTransform, NeverStretchesLabelsOutOfTheirSteps) {
  const FrameTransform transform({.stride = 2, .stretch = 0.5}, 1, kWidth);
  for (std::uint64_t id = 0; id < 100; ++id) {
    EXPECT_GE(transform.Steps(100, 20, 0, id), 41);         // two a label and one
    EXPECT_EQ(transform.Steps(40, 20, 0, id) >= 20, true);  // as few as it had
  }
}

TEST(FrameTransform, MasksStretchesOfTimeAndBandsInEveryBlock) {
  const FrameOptions options{
      .time_masks = 2, .time_mask_frames = 10, .band_masks = 1, .band_mask_bins = 2, .bins = 3};
  const std::vector<float> ones(100 * kWidth, 1.0f);
  double masked_frames = 0, masked_bins = 0;
  for (std::uint64_t id = 0; id < 300; ++id) {
    const std::vector<float> rows = Transformed(options, ones, 0, id);
    std::vector<Index> whole(kWidth, 0);
    for (Index t = 0; t < 100; ++t) {
      Index zeros = 0;
      for (Index i = 0; i < kWidth; ++i) {
        const bool zero = rows[static_cast<std::size_t>(t * kWidth + i)] == 0;
        zeros += zero;
        whole[static_cast<std::size_t>(i)] += zero;
      }
      masked_frames += zeros == kWidth;
    }
    for (Index i = 0; i < 3; ++i) {
      EXPECT_EQ(whole[static_cast<std::size_t>(i)], whole[static_cast<std::size_t>(i + 3)]);
      masked_bins += whole[static_cast<std::size_t>(i)] == 100;
    }
  }
  // Means of uniform 0..10 twice (some overlap), and of 0..2 bins.
  EXPECT_NEAR(masked_frames / 300, 9.75, 1.0);
  EXPECT_NEAR(masked_bins / 300, 1.0, 0.2);
}

TEST(FrameTransform, AddsNoiseOfTheGivenDeviation) {
  const std::vector<float> zeros(3000 * kWidth, 0.0f);
  const std::vector<float> rows = Transformed({.noise = 0.5}, zeros);
  double sum = 0, squares = 0;
  for (float value : rows) {
    sum += value;
    squares += static_cast<double>(value) * value;
  }
  const double count = static_cast<double>(rows.size());
  EXPECT_NEAR(sum / count, 0, 0.015);
  EXPECT_NEAR(std::sqrt(squares / count), 0.5, 0.01);
}

TEST(FrameTransform, AddsOneChannelToAllFramesOfASampleAndNotToDifferences) {
  constexpr Index kBins = 3;
  static_assert(kWidth == 2 * kBins);
  const FrameOptions options{.channel = 0.5, .bins = kBins};
  const std::vector<float> zeros(4 * kWidth, 0.0f);
  double squares = 0;
  constexpr std::uint64_t kSamples = 3000;
  for (std::uint64_t id = 0; id < kSamples; ++id) {
    const std::vector<float> rows = Transformed(options, zeros, 0, id);
    for (Index i = 0; i < kWidth; ++i) {
      const float added = rows[static_cast<std::size_t>(i)];
      if (i >= kBins) {
        EXPECT_EQ(added, 0);
      }
      for (Index t = 1; t < 4; ++t)
        EXPECT_EQ(rows[static_cast<std::size_t>(t * kWidth + i)], added);
      squares += static_cast<double>(added) * added;
    }
  }
  EXPECT_NEAR(std::sqrt(squares / (kSamples * kBins)), 0.5, 0.02);
}

TEST(FrameTransform, DependsOnSeedEpochAndSampleAlone) {
  const FrameOptions options{.stretch = 0.1, .time_masks = 1, .time_mask_frames = 9, .noise = 0.1};
  const std::vector<float> first = Transformed(options, Ramp(50), 3, 5, 1);
  EXPECT_EQ(first, Transformed(options, Ramp(50), 3, 5, 1));
  EXPECT_NE(first, Transformed(options, Ramp(50), 4, 5, 1));
  EXPECT_NE(first, Transformed(options, Ramp(50), 3, 6, 1));
  EXPECT_NE(first, Transformed(options, Ramp(50), 3, 5, 2));
}

}  // namespace
}  // namespace lockstep
