#include "launch/report/exports.h"

#include <gtest/gtest.h>

#include <cstring>

namespace lockstep {
namespace {

RunCurves SmallRun() {
  RunCurves run;
  run.training["loss"] = {{10, 20}, {2.5, 1.25}, {100, 101}};
  run.training["learning_rate"] = {{20}, {0.001}, {101}};
  run.validation["loss"] = {{15}, {3}, {100.5}};
  return run;
}

TEST(Exports, ATableHasARowForEachStepAndValidationInOrder) {
  EXPECT_EQ(CurvesAsCsv(SmallRun()),
            "step,kind,learning_rate,loss\n"
            "10,training,,2.5\n"
            "15,validation,,3\n"
            "20,training,0.001,1.25\n");
}

TEST(Exports, AnEventFileIsWhatTheFormatSays) {
  RunCurves run;
  run.training["a"] = {{300}, {0.5}, {1.0}};
  const std::string file = CurvesAsEvents(run);
  // The version: 8 bytes of length, 4 of checksum, time 0, "brain.Event:2", 4 of checksum.
  std::uint64_t length = 0;
  std::memcpy(&length, file.data(), 8);
  ASSERT_EQ(length, 9u + 2 + 13);
  EXPECT_EQ(file.substr(12 + 11, 13), "brain.Event:2");
  // The scalar: time 1.0, step 300 as a varint, and the tag "training/a" with 0.5f.
  const std::string event = file.substr(12 + length + 4 + 12);
  const std::string expected =
      std::string("\x09\x00\x00\x00\x00\x00\x00\xf0\x3f\x10\xac\x02\x2a\x13", 14) +
      std::string("\x0a\x11\x0a\x0atraining/a\x15\x00\x00\x00\x3f", 19);
  EXPECT_EQ(event.substr(0, expected.size()), expected);
  EXPECT_EQ(event.size(), expected.size() + 4);
}

}  // namespace
}  // namespace lockstep
