#include "base/file_names.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <vector>

#include "tests/support/expect_error.h"
#include "tests/support/temp_folder.h"

namespace lockstep {
namespace {

namespace fs = std::filesystem;

// What has led out of a folder, hidden a file, or looked like an option somewhere before.
const std::vector<std::string> kHostileIds = {"../../victim",
                                              "..",
                                              ".",
                                              "/etc/passwd",
                                              "a/../../b",
                                              "a/b",
                                              "a\\b",
                                              ".hidden",
                                              "-rf",
                                              "--out",
                                              "",
                                              " ",
                                              "a\nb",
                                              "%2F",
                                              "%",
                                              "~",
                                              "~2",
                                              "C:x",
                                              "x:stream",
                                              "\x1b[0",
                                              "\xff\xfe",
                                              "a\u0308",
                                              "\u00e4",
                                              "a%2Fb",
                                              "a.",
                                              "$(x)",
                                              "*",
                                              "a~2",
                                              ".tmp-1",
                                              std::string(1, '\0'),
                                              std::string("a\0b", 3)};

TEST(FileNameOf, OrdinaryIdsStayWhatTheyAre) {
  for (const std::string id :
       {"1272-128104-0000", "FCJF0_SA1", "an391-mjwl-b", "a..b", "0", "_x", "utt.wav"}) {
    EXPECT_EQ(FileNameOf(id), id);
  }
}

TEST(FileNameOf, EveryOtherByteIsEscaped) {
  EXPECT_EQ(FileNameOf("wavs/a.wav"), "wavs%2Fa.wav");
  EXPECT_EQ(FileNameOf("../../X"), "%2E.%2F..%2FX");
  EXPECT_EQ(FileNameOf("-rf"), "%2Drf");
  EXPECT_EQ(FileNameOf("100%"), "100%25");
  EXPECT_EQ(FileNameOf("\u00e4"), "%C3%A4");
  EXPECT_EQ(FileNameOf(""), "%");
}

TEST(FileNameOf, AFileOfThatNameLiesInItsFolder) {
  const TempFolder folder;
  std::set<std::string> names;
  for (const std::string& id : kHostileIds) {
    const std::string name = FileNameOf(id);
    EXPECT_EQ(fs::path(folder / name).lexically_normal().parent_path(), folder.path()) << name;
    EXPECT_THAT(name,
                testing::Not(testing::AnyOf(testing::StartsWith("-"), testing::StartsWith("."))));
    Spill(folder / name, id);
    EXPECT_EQ(Slurp(folder / name), id) << name;
    EXPECT_TRUE(names.insert(name).second) << name;
  }
  const auto made = std::distance(fs::directory_iterator(folder.path()), {});
  EXPECT_EQ(made, static_cast<std::ptrdiff_t>(kHostileIds.size()));
}

TEST(FileNameOf, LongIdsAreCutAndStayDifferent) {
  const std::string longest(100, 'a');
  EXPECT_EQ(FileNameOf(longest), longest);
  std::set<std::string> names;
  for (const std::string& id : {longest + "a", longest + "b", std::string(100'000, 'a'),
                                std::string(34, '/'), "x" + std::string(100'000, 'a')}) {
    EXPECT_LE(FileNameOf(id).size(), 100U);
    EXPECT_TRUE(names.insert(FileNameOf(id)).second) << FileNameOf(id);
  }
}

TEST(FileNames, IdsThatDifferInTheSizeOfLettersGetNumbers) {
  FileNames names;
  EXPECT_EQ(names.Of("abc"), "abc");
  EXPECT_EQ(names.Of("ABC"), "ABC~2");
  EXPECT_EQ(names.Of("Abc"), "Abc~3");
  EXPECT_EQ(names.Of("a/"), "a%2F");
  EXPECT_EQ(names.Of("A/"), "A%2F~2");
}

TEST(FileNames, TheSameIdKeepsItsName) {
  FileNames names;
  names.Of("abc");
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(names.Of("ABC"), "ABC~2");
    EXPECT_EQ(names.Of("abc"), "abc");
  }
}

TEST(RefuseNul, NamesTheSignAndTheWayItCameIn) {
  RefuseNul("a/b.wav");
  ExpectError(ExitCode::kBadData, "the name \"a.wav<U+0000>b.wav<U+0000>\" holds U+0000",
              [] { RefuseNul(std::string_view("a.wav\0b.wav\0", 12)); });
}

}  // namespace
}  // namespace lockstep
