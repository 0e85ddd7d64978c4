#include "data/stream/step_stream.h"

#include <gtest/gtest.h>

namespace lockstep {
namespace {

constexpr Index kWidth = 3;

std::vector<float> SomeFrames(Index frames) {
  std::vector<float> values;
  for (Index i = 0; i < frames * kWidth; ++i) values.push_back(static_cast<float>(i));
  return values;
}

// What training and prediction of whole samples read.
std::vector<float> Whole(const FrameOptions& options, const std::vector<float>& frames) {
  FrameTransform transform(options, 0, kWidth);
  transform.Apply(frames, 0, 0, 0);
  std::vector<float> steps(static_cast<std::size_t>(transform.steps() * transform.output_width()));
  for (Index step = 0; step < transform.steps(); ++step) {
    transform.Stack(step, steps.data() + step * transform.output_width());
  }
  return steps;
}

std::vector<float> InPieces(const std::vector<float>& frames, Index piece, StepStream* stream) {
  std::vector<float> steps;
  const auto size = static_cast<std::size_t>(piece * kWidth);
  for (std::size_t at = 0; at < frames.size(); at += size) {
    stream->Add(std::span(frames).subspan(at, std::min(size, frames.size() - at)), &steps);
  }
  stream->Finish(&steps);
  return steps;
}

TEST(StepStream, GivesTheStepsOfTheWholeSampleHoweverItIsCut) {
  for (const FrameOptions& options :
       {FrameOptions{}, FrameOptions{.stack = 6, .stride = 3},
        FrameOptions{.stack = 5, .stride = 2}, FrameOptions{.stack = 2, .stride = 5},
        FrameOptions{.stack = 9, .stride = 1}}) {
    StepStream stream(options, kWidth);
    for (const Index frames : {1, 2, 3, 7, 40}) {
      const std::vector<float> values = SomeFrames(frames);
      for (const Index piece : {1, 4, 100}) {
        EXPECT_EQ(InPieces(values, piece, &stream), Whole(options, values))
            << options.stack << " every " << options.stride << ", " << frames << " frames";
      }
    }
  }
}

TEST(StepStream, AStepComesWithTheLastFrameOfItsWindow) {
  StepStream stream({.stack = 6, .stride = 3}, kWidth);
  std::vector<float> steps;
  for (Index frame = 0; frame < 20; ++frame) {
    stream.Add(std::vector<float>(kWidth), &steps);
    const Index known = static_cast<Index>(steps.size()) / stream.output_width();
    EXPECT_GT(stream.FramesNeeded(known), frame + 1);
    if (known > 0) {
      EXPECT_LE(stream.FramesNeeded(known - 1), frame + 1);
    }
  }
}

}  // namespace
}  // namespace lockstep
