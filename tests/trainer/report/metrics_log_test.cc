#include "trainer/report/metrics_log.h"

#include <gtest/gtest.h>

#include <limits>
#include <nlohmann/json.hpp>

#include "base/json_text.h"
#include "tests/support/expect_error.h"
#include "tests/support/file_size_limit.h"
#include "tests/support/temp_folder.h"

namespace lockstep {
namespace {

TEST(MetricsLog, WritesOneObjectALine) {
  const TempFolder folder;
  MetricsLog log(folder / "metrics.jsonl", 0, 0);
  log.Write({{"step", 1}, {"loss", 0.1}});
  log.Write({{"step", 2}});
  EXPECT_EQ(Slurp(folder / "metrics.jsonl"), "{\"step\":1,\"loss\":0.1}\n{\"step\":2}\n");
}

TEST(MetricsLog, IsCutBackToWhereTheCheckpointWasTaken) {
  const TempFolder folder;
  const std::string path = folder / "metrics.jsonl";
  Spill(path, "{\"step\":1}\n{\"step\":2}\n");
  MetricsLog log(path, 11, 1);
  log.Write({{"step", 2}, {"again", true}});
  EXPECT_EQ(Slurp(path), "{\"step\":1}\n{\"step\":2,\"again\":true}\n");
  EXPECT_EQ(log.bytes(), static_cast<Index>(Slurp(path).size()));
}

TEST(MetricsLog, AFileFromWhichLinesWereTakenKeepsItsWholeLines) {
  const TempFolder folder;
  const std::string path = folder / "metrics.jsonl";
  Spill(path, "{\"step\":1}\n{\"ste");
  MetricsLog log(path, 33, 3);
  log.Write({{"step", 4}});
  EXPECT_EQ(Slurp(path), "{\"step\":1}\n{\"step\":4}\n");
}

// By whoever changed it: what the file has is whole all the same.
TEST(MetricsLog, AWrongNumberOfBytesLosesNoLine) {
  const TempFolder folder;
  const std::string path = folder / "metrics.jsonl";
  const std::string whole = "{\"step\":1}\n{\"step\":2}\n";
  for (const Index bytes : {1, 7, 12, 30}) {
    Spill(path, whole + "{\"step\":3}\n");
    EXPECT_EQ(MetricsLog(path, bytes, 2).bytes(), static_cast<Index>(whole.size())) << bytes;
    EXPECT_EQ(Slurp(path), whole);
  }
}

// As every file of a run begins.
TEST(MetricsLog, TheFirstLineWhichTellsOfTheRunIsKept) {
  const TempFolder folder;
  const std::string path = folder / "metrics.jsonl";
  const std::string whole = "{\"kind\":\"run\",\"ranks\":1}\n{\"step\":1}\n";
  Spill(path, whole + "{\"ste");
  EXPECT_EQ(MetricsLog(path, 100, 3).bytes(), static_cast<Index>(whole.size()));
  EXPECT_EQ(Slurp(path), whole);
}

TEST(MetricsLog, ALongLineBeforeTheCheckpointIsKept) {
  const TempFolder folder;
  const std::string path = folder / "metrics.jsonl";
  for (const std::size_t length : {65'000u, 65'536u, 131'072u, 3'000'000u}) {
    for (const std::string before : {"", "{\"step\":1}\n"}) {
      std::string text = before + "{\"step\":2,\"of\":\"" + std::string(length, 'x') + "\"}\n";
      Spill(path, text + "{\"step\":3}\n");
      EXPECT_EQ(MetricsLog(path, static_cast<Index>(text.size()), 2).bytes(), std::ssize(text));
      EXPECT_EQ(Slurp(path), text);
    }
  }
}

TEST(MetricsLog, ALineLongerThanMayBeKeptIsWritten) {
  const TempFolder folder;
  MetricsLog log(folder / "metrics.jsonl", 0, 0);
  EXPECT_NO_THROW(log.Write({{"step", 1}, {"of", std::string(2'000'000, 'x')}}));
  EXPECT_EQ(std::ssize(Slurp(folder / "metrics.jsonl")), log.bytes());
}

TEST(MetricsLog, AFileThatWasBegunAnewLosesTheLinesBehindTheCheckpoint) {
  // The checkpoint of step 3 named 33 bytes; the file was deleted, training went on, and was
  // killed.
  const TempFolder folder;
  const std::string path = folder / "metrics.jsonl";
  Spill(path, "{\"step\":4}\n{\"step\":5}\n{\"step\":6}\n{\"step\":7}\n");
  EXPECT_EQ(MetricsLog(path, 33, 3).bytes(), 0);
  EXPECT_EQ(Slurp(path), "");
}

TEST(MetricsLog, ManyLinesAreLookedThrough) {  // more than are read at once
  const TempFolder folder;
  const std::string path = folder / "metrics.jsonl";
  std::string text;
  for (int step = 1; step <= 20000; ++step) text += "{\"step\":" + std::to_string(step) + "}\n";
  Spill(path, text);
  const Index whole = MetricsLog(path, static_cast<Index>(text.size()), 20000).bytes();
  EXPECT_EQ(whole, static_cast<Index>(text.size()));
  const Index left = MetricsLog(path, whole - 1, 15000).bytes();
  EXPECT_EQ(left, static_cast<Index>(text.find("{\"step\":15001}")));
  EXPECT_EQ(Slurp(path), text.substr(0, static_cast<std::size_t>(left)));
}

TEST(MetricsLog, AFileThatIsGoneIsBegunAnew) {
  const TempFolder folder;
  EXPECT_EQ(MetricsLog(folder / "metrics.jsonl", 33, 3).bytes(), 0);
}

TEST(MetricsLog, AFolderInItsPlaceIsNamed) {
  const TempFolder folder;
  ExpectError(ExitCode::kBadData, folder.path() + " is no regular file; move it away",
              [&] { MetricsLog(folder.path(), 11, 1); });
}

TEST(MetricsLog, LinesThatFoundNoRoomComeWhenThereIsSome) {
  const TempFolder folder;
  const std::string path = folder / "metrics.jsonl";
  MetricsLog log(path, 0, 0);
  {
    const FileSizeLimit disk(15);  // in the middle of a line
    for (int step : {1, 2, 3}) EXPECT_NO_THROW(log.Write({{"step", step}}));
    EXPECT_EQ(log.bytes(), 33);
    ExpectError(ExitCode::kIo, path + ": File too large", [&] { log.Sync(33); });
    EXPECT_NO_THROW(log.Sync(11));  // a checkpoint of an earlier step
  }
  log.Sync(33);
  EXPECT_EQ(Slurp(path), "{\"step\":1}\n{\"step\":2}\n{\"step\":3}\n");
}

TEST(MetricsLog, ADiskThatStaysFullEndsTheRunBeforeMemoryDoes) {
  const TempFolder folder;
  MetricsLog log(folder / "metrics.jsonl", 0, 0);
  const FileSizeLimit disk(0);
  const std::string text(100000, 'x');
  ExpectError(ExitCode::kIo, "File too large", [&] {
    for (int i = 0; i < 20; ++i) log.Write({{"text", text}});
  });
}

TEST(MetricsLog, NamesNumbersThatAreNotFinite) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  EXPECT_EQ(JsonText(FiniteOrName(kInfinity)), "\"inf\"");
  EXPECT_EQ(JsonText(FiniteOrName(-kInfinity)), "\"-inf\"");
  EXPECT_EQ(JsonText(FiniteOrName(std::numeric_limits<double>::quiet_NaN())), "\"nan\"");
  EXPECT_EQ(JsonText(FiniteOrName(0.1)), "0.1");
}

TEST(MetricsLog, WithoutAPathDoesNothing) {
  MetricsLog log("", 0, 0);
  log.Write({{"step", 1}});
  EXPECT_EQ(log.bytes(), 0);
  EXPECT_NO_THROW(log.Sync(0));
}

}  // namespace
}  // namespace lockstep
