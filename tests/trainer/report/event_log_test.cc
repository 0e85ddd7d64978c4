#include "trainer/report/event_log.h"

#include <gmock/gmock.h>

#include <cstring>
#include <filesystem>

#include "base/durable_file.h"
#include "tests/support/expect_error.h"
#include "tests/support/temp_folder.h"
#include "trainer/report/event_records.h"

namespace lockstep {
namespace {

constexpr const char* kLines =
    R"({"kind":"run","ranks":2}
{"kind":"step","step":1,"loss":2.5}
{"kind":"validation","step":1,"loss":2,"accuracy":"nan"}
half a li)";

std::vector<std::string> NamesIn(const std::string& folder) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    names.push_back(entry.path().filename().string());
  return names;
}

// The data of each record; the checksums of all must be right.
std::vector<std::string> RecordsOf(const std::string& file) {
  const auto masked = [](std::string_view bytes) {
    const std::uint32_t crc = Crc32c(bytes);
    return (crc >> 15 | crc << 17) + 0xa282ead8u;
  };
  std::vector<std::string> records;
  for (std::size_t at = 0; at < file.size();) {
    std::uint64_t length = 0;
    std::uint32_t first = 0, second = 0;
    std::memcpy(&length, file.data() + at, 8);
    std::memcpy(&first, file.data() + at + 8, 4);
    EXPECT_EQ(first, masked(file.substr(at, 8)));
    records.push_back(file.substr(at + 12, length));
    std::memcpy(&second, file.data() + at + 12 + length, 4);
    EXPECT_EQ(second, masked(records.back()));
    at += 16 + length;
  }
  return records;
}

TEST(EventLog, TheChecksumIsThatOfTheStandard) {
  EXPECT_EQ(Crc32c("123456789"), 0xE3069283u);            // the usual check value of CRC-32C
  EXPECT_EQ(Crc32c(std::string(32, '\0')), 0x8A9136AAu);  // RFC 3720, appendix B.4
}

TEST(EventLog, AStartWritesTheFileAnewUnderANewNameAndGoesOnInIt) {
  TempFolder folder;
  Spill(folder / "metrics.jsonl", kLines);
  const std::string events = folder / "events";
  {
    EventLog first(events, folder / "metrics.jsonl", [] {});
  }
  EXPECT_THAT(NamesIn(events), testing::ElementsAre("events.out.tfevents.0000000001.lockstep"));
  Spill(events + "/mine.txt", "kept");
  {
    EventLog second(events, folder / "metrics.jsonl", [] {});
  }
  EventLog third(events, folder / "metrics.jsonl", [] {});
  EXPECT_THAT(NamesIn(events),
              testing::UnorderedElementsAre("events.out.tfevents.0000000002.lockstep",
                                            "events.out.tfevents.0000000003.lockstep", "mine.txt"));
  EXPECT_EQ(RecordsOf(ReadTextFile(events + "/events.out.tfevents.0000000002.lockstep")).size(),
            1u);
  third.Write(R"({"kind":"step","step":2,"loss":1.5})");
  third.Write(R"({"kind":"skipped","step":3})");
  const auto records = RecordsOf(ReadTextFile(events + "/events.out.tfevents.0000000003.lockstep"));
  ASSERT_EQ(records.size(), 6u);  // version, restart, and a record for each of four figures
  EXPECT_THAT(records[0], testing::HasSubstr("brain.Event:2"));
  EXPECT_THAT(records[1], testing::EndsWith(std::string("\x10\x00\x3a\x02\x08\x01", 6)));
  EXPECT_THAT(records[2], testing::HasSubstr("training/loss"));
  EXPECT_THAT(records[4], testing::HasSubstr("validation/"));
  EXPECT_THAT(records[5], testing::HasSubstr("training/loss"));
}

TEST(EventLog, FilesOfOtherNamesAndBrokenLinesDoNotKeepItFromBeginning) {
  TempFolder folder;
  Spill(folder / "metrics.jsonl", R"({"kind":"gradient_by_time","step":1,"of":")" +
                                      std::string(3'000'000, '1') + "\"}\n" + kLines);
  const std::string events = folder / "events";
  std::filesystem::create_directory(events);
  Spill(events + "/events.out.tfevents.9223372036854775807.lockstep",
        "no number that can be raised");
  Spill(events + "/.tmp-1-2-3-events.out.tfevents.0000000001.lockstep",
        "of a start that was killed");
  EventLog log(events, folder / "metrics.jsonl", [] {});
  EXPECT_THAT(NamesIn(events),
              testing::UnorderedElementsAre("events.out.tfevents.0000000001.lockstep",
                                            "events.out.tfevents.9223372036854775807.lockstep"));
  EXPECT_EQ(RecordsOf(ReadTextFile(events + "/events.out.tfevents.0000000001.lockstep")).size(),
            5u);
}

TEST(EventLog, AnOwnerThatIsNoLongerOneChangesNothing) {
  TempFolder folder;
  Spill(folder / "metrics.jsonl", kLines);
  const std::string events = folder / "events";
  {
    EventLog first(events, folder / "metrics.jsonl", [] {});
  }
  const auto refuse = [] { throw IoError("superseded"); };
  EXPECT_THROW(EventLog(events, folder / "metrics.jsonl", refuse), IoError);
  EXPECT_THAT(NamesIn(events), testing::ElementsAre("events.out.tfevents.0000000001.lockstep"));
}

}  // namespace
}  // namespace lockstep
