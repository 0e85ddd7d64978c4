// Event files: what our own writer writes comes back; records of other programs, byte by byte by
// the format of their messages; damaged and hostile files. TensorBoard itself reads our files in
// tests/program/report_test.py, which also draws a file of PyTorch.
#include "launch/report/event_file.h"

#include <gmock/gmock.h>

#include <cstring>
#include <limits>

#include "base/durable_file.h"
#include "launch/report/event_curves.h"
#include "launch/report/exports.h"
#include "tests/support/expect_error.h"
#include "tests/support/temp_folder.h"
#include "trainer/report/event_records.h"

namespace lockstep {
namespace {

using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;

std::string LittleEndian(std::uint64_t value, std::size_t bytes) {
  std::string text(bytes, '\0');
  std::memcpy(text.data(), &value, bytes);
  return text;
}

std::string RecordOf(const std::string& message) {
  const std::string length = LittleEndian(message.size(), 8);
  return length + LittleEndian(MaskedCrc32c(length), 4) + message +
         LittleEndian(MaskedCrc32c(message), 4);
}

// A field of kind 2, shorter than 128 bytes.
std::string Bytes(int field, const std::string& bytes) {
  return std::string(1, static_cast<char>(field << 3 | 2)) + static_cast<char>(bytes.size()) +
         bytes;
}

class EventFile : public testing::Test {
 protected:
  EventScalars Read(const std::string& bytes) {
    const std::string path = folder_ / "events.out.tfevents.1";
    Spill(path, bytes);
    EventScalars scalars;
    AddEventFile(path, &scalars);
    return scalars;
  }

  TempFolder folder_;
};

TEST_F(EventFile, OfARunComesBackAsItWas) {
  RunCurves run;
  run.training["loss"] = {{10, 20}, {2.5, 1.25}, {100, 101}};
  run.validation["loss"] = {{15}, {3}, {100.5}};
  const EventScalars scalars = Read(CurvesAsEvents(run));
  EXPECT_EQ(scalars.unreadable_records, 0);
  EXPECT_THAT(scalars.problems, ElementsAre());
  const RunCurves back = CurvesOfEvents(scalars, "other");
  EXPECT_EQ(back.name, "other");
  EXPECT_EQ(back.last_step, 20);
  EXPECT_EQ(back.training.at("loss").steps, run.training.at("loss").steps);
  EXPECT_EQ(back.training.at("loss").values, run.training.at("loss").values);
  EXPECT_EQ(back.training.at("loss").seconds, run.training.at("loss").seconds);
  EXPECT_EQ(back.validation.at("loss").values, run.validation.at("loss").values);
}

// TensorProto { dtype = 1: DT_DOUBLE (2), double_val = 6: packed } and { DT_FLOAT (1),
// tensor_content = 4 }, as TensorFlow 2 writes scalars, with metadata that nobody reads.
TEST_F(EventFile, ScalarsAsTensorsAreRead) {
  const std::string wide = std::string("\x08\x02") + Bytes(6, LittleEndian(0x4004000000000000, 8));
  const std::string narrow = std::string("\x08\x01") + Bytes(4, LittleEndian(0x3fc00000, 4));
  const std::string two = std::string("\x08\x01") + Bytes(5, LittleEndian(0x3fc00000, 8));
  const std::string values = Bytes(1, Bytes(1, "wide") + Bytes(8, wide) + Bytes(9, "metadata")) +
                             Bytes(1, Bytes(1, "narrow") + Bytes(8, narrow)) +
                             Bytes(1, Bytes(1, "two") + Bytes(8, two));
  const EventScalars scalars = Read(RecordOf(std::string("\x10\x07", 2) + Bytes(5, values)));
  ASSERT_EQ(scalars.by_tag.size(), 2u);  // a tensor of two numbers is no scalar
  EXPECT_THAT(scalars.by_tag.at("wide").values, ElementsAre(2.5));
  EXPECT_THAT(scalars.by_tag.at("narrow").values, ElementsAre(1.5));
  EXPECT_THAT(scalars.by_tag.at("narrow").steps, ElementsAre(7));
}

TEST_F(EventFile, ARestartForgetsTheStepsThatFollowIt) {
  const EventScalars scalars =
      Read(ScalarEvent(1, 1, "a", 1) + ScalarEvent(1, 2, "a", 2) + ScalarEvent(1, 3, "a", 3) +
           RestartEvent(2) + ScalarEvent(1, 2, "a", 20));
  EXPECT_THAT(scalars.by_tag.at("a").values, ElementsAre(1, 20));
}

TEST_F(EventFile, ARestartForgetsStepsOutOfOrderOfAllTags) {
  const EventScalars scalars =
      Read(ScalarEvent(1, 5, "a", 5) + ScalarEvent(1, 1, "a", 1) + ScalarEvent(1, 4, "a", 4) +
           ScalarEvent(1, 2, "a", 2) + ScalarEvent(1, 3, "b", 3) + ScalarEvent(1, 9, "c", 9) +
           RestartEvent(9) + RestartEvent(4) + RestartEvent(3) + ScalarEvent(1, 3, "c", 30));
  EXPECT_THAT(scalars.by_tag.at("a").values, ElementsAre(1, 2));
  EXPECT_THAT(scalars.by_tag.at("a").steps, ElementsAre(1, 2));
  EXPECT_THAT(scalars.by_tag.at("b").values, ElementsAre());
  EXPECT_THAT(scalars.by_tag.at("c").values, ElementsAre(30));
}

// The values before the file count as well. Walking through all values at each restart took more
// than 100 seconds here instead of half a second.
TEST_F(EventFile, ManyRestartsAreReadInLittleTime) {
  constexpr int kValues = 200000, kRestarts = 100000;
  Curve curve;
  for (int i = 0; i < kValues; ++i) curve.steps.push_back(i);
  curve.values = curve.seconds = curve.steps;
  EventScalars scalars;
  scalars.by_tag["a"] = scalars.by_tag["b"] = curve;
  std::string bytes;
  for (int i = 0; i < kRestarts; ++i)
    bytes +=
        RestartEvent(kValues) + RestartEvent(kValues - 1) + ScalarEvent(1, kValues - 1, "a", i);
  const std::string path = folder_ / "events.out.tfevents.1";
  Spill(path, bytes);
  AddEventFile(path, &scalars);
  EXPECT_EQ(scalars.by_tag.at("a").steps, curve.steps);
  EXPECT_EQ(scalars.by_tag.at("a").values.back(), kRestarts - 1);
  EXPECT_EQ(scalars.by_tag.at("b").steps.size(), kValues - 1u);
}

TEST_F(EventFile, VoidedValuesMakeRoomForOthers) {
  EventScalars scalars;
  Curve& full = scalars.by_tag["a"];
  full.steps = full.values = full.seconds = std::vector<double>(2'000'000, 7);
  const std::string path = folder_ / "events.out.tfevents.1";
  Spill(path, ScalarEvent(1, 8, "a", 1) + RestartEvent(7) + ScalarEvent(1, 9, "a", 2));
  AddEventFile(path, &scalars);
  EXPECT_EQ(scalars.left_out_values, 1);
  EXPECT_THAT(scalars.by_tag.at("a").values, ElementsAre(2));
}

// Our writer writes no negative steps: as other programs write the value 1 of tag "a".
std::string EventOfStep(std::int64_t step) {
  std::string message = "\x10";
  auto rest = static_cast<std::uint64_t>(step);
  for (; rest >= 128; rest >>= 7) message += static_cast<char>(rest | 128);
  message += static_cast<char>(rest);
  const std::string value = Bytes(1, "a") + "\x15" + LittleEndian(0x3f800000, 4);
  return RecordOf(message + Bytes(5, Bytes(1, value)));
}

TEST_F(EventFile, StepsThatWouldRuinTheAxisAreLeftOutWithTheReason) {
  constexpr std::int64_t kFarthest = 1'000'000'000'000'000;
  const EventScalars scalars =
      Read(EventOfStep(kFarthest) + EventOfStep(kFarthest + 1) + EventOfStep(-kFarthest) +
           EventOfStep(-kFarthest - 1) + EventOfStep(std::numeric_limits<std::int64_t>::min()));
  EXPECT_THAT(scalars.by_tag.at("a").steps, ElementsAre(1e15, -1e15));
  EXPECT_EQ(scalars.left_out_values, 0);  // none is one too many
  EXPECT_THAT(scalars.problems,
              ElementsAre(EndsWith(": values left out because their steps lie beyond +-10^15: 3")));
}

TEST_F(EventFile, LongTagsAreLeftOutWithTheReason) {
  const std::string longest(200, 'b');
  const EventScalars scalars =
      Read(ScalarEvent(1, 1, longest, 5) + ScalarEvent(1, 1, longest + "b", 6));
  EXPECT_EQ(scalars.by_tag.size(), 1u);
  EXPECT_EQ(scalars.left_out_values, 0);
  EXPECT_THAT(
      scalars.problems,
      ElementsAre(EndsWith(": values left out because their tags are longer than 200 bytes: 1")));
}

TEST_F(EventFile, ADamagedRecordIsPassedOverAndADamagedLengthEndsTheFile) {
  const std::string first = ScalarEvent(1, 1, "a", 1), second = ScalarEvent(1, 2, "a", 2);
  std::string bytes = first + second;
  bytes[first.size() - 6] ^= 1;
  EventScalars scalars = Read(bytes);
  EXPECT_EQ(scalars.unreadable_records, 1);
  EXPECT_THAT(scalars.by_tag.at("a").values, ElementsAre(2));
  bytes = first + second;
  bytes[first.size()] ^= 1;
  scalars = Read(bytes);
  EXPECT_THAT(scalars.by_tag.at("a").values, ElementsAre(1));
  ASSERT_EQ(scalars.problems.size(), 1u);
  EXPECT_THAT(scalars.problems[0], HasSubstr(fmt::format("read up to byte {}:", first.size())));
}

// At each byte; a run that is being written ends somewhere.
TEST_F(EventFile, OfWhichTheEndIsMissingIsReadUpToThere) {
  const std::string first = ScalarEvent(1, 1, "a", 1), whole = first + ScalarEvent(1, 2, "a", 2);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const EventScalars scalars = Read(whole.substr(0, size));
    EXPECT_EQ(scalars.by_tag.size(), size >= first.size() ? 1u : 0u) << size;
    const std::size_t read = size >= first.size() ? first.size() : 0;
    ASSERT_EQ(scalars.problems.size(), size == read ? 0u : 1u) << size;
    if (size == read) continue;
    EXPECT_THAT(
        scalars.problems[0],
        HasSubstr(fmt::format("may still be written; read up to byte {} of {}", read, size)));
  }
}

TEST_F(EventFile, ForgedLengthsAndOddMessagesDoNoHarm) {
  const std::string first = ScalarEvent(1, 1, "a", 1);
  for (const std::uint64_t forged : {std::uint64_t{1} << 63, ~std::uint64_t{0} - 20}) {
    const std::string length = LittleEndian(forged, 8);
    const EventScalars scalars =
        Read(first + length + LittleEndian(MaskedCrc32c(length), 4) + "rest");
    EXPECT_EQ(scalars.by_tag.size(), 1u);
    ASSERT_EQ(scalars.problems.size(), 1u);
    EXPECT_THAT(scalars.problems[0], HasSubstr(fmt::format("read up to byte {}", first.size())));
  }
  const std::string endless(11, '\xff');
  for (const std::string& odd : {std::string("\x2a\x7f"), std::string("\x0b"), endless,
                                 Bytes(5, "\x0a\x7f"), Bytes(5, Bytes(1, "\x0a\x7f"))}) {
    EXPECT_EQ(Read(RecordOf(odd)).unreadable_records, 1) << testing::PrintToString(odd);
  }
  EXPECT_EQ(Read(RecordOf(std::string(100000, '\x00'))).unreadable_records, 0);  // not looked at
}

TEST_F(EventFile, TagsAndFilesAreBounded) {
  std::string bytes;
  for (int i = 0; i < 250; ++i) bytes += ScalarEvent(1, 1, fmt::format("tag{}", i), 1);
  bytes += ScalarEvent(1, 2, "tag0", 2);
  const EventScalars scalars = Read(bytes);
  EXPECT_EQ(scalars.by_tag.size(), 200u);
  EXPECT_EQ(scalars.left_out_values, 50);
  EXPECT_EQ(scalars.by_tag.at("tag0").values.size(), 2u);
}

TEST_F(EventFile, AFolderIsItsEventFilesInOrder) {
  ExpectError(ExitCode::kMissingInput, "there is no event file", [&] { ReadEvents(folder_ / ""); });
  Spill(folder_ / "events.out.tfevents.2", ScalarEvent(1, 2, "a", 2));
  Spill(folder_ / "events.out.tfevents.1", ScalarEvent(1, 1, "a", 1));
  Spill(folder_ / "notes.txt", "no event file");
  EXPECT_THAT(ReadEvents(folder_ / "").by_tag.at("a").values, ElementsAre(1, 2));
}

}  // namespace
}  // namespace lockstep
