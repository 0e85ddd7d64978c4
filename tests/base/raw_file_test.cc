#include "base/raw_file.h"

#include <gtest/gtest.h>

#include <array>

#include "tests/support/expect_error.h"
#include "tests/support/temp_folder.h"

namespace lockstep {
namespace {

TEST(RawFile, ReadsWhatWasWrittenInPlace) {
  const TempFolder folder;
  Spill(folder / "f", "0123456789");
  const std::array<char, 2> written{'a', 'b'};
  RawFile::OpenForWriting(folder / "f").WriteAt(3, std::as_bytes(std::span(written)));
  std::array<char, 4> read{};
  const RawFile file = RawFile::OpenForReading(folder / "f");
  file.ReadAt(2, std::as_writable_bytes(std::span(read)));
  EXPECT_EQ(std::string(read.data(), 4), "2ab5");
  EXPECT_EQ(file.SizeBytes(), 10);
}

TEST(RawFile, ReadingBehindTheEndIsAnError) {
  const TempFolder folder;
  Spill(folder / "f", "0123456789");
  std::array<char, 4> read{};
  ExpectError(ExitCode::kIo, "f: the file ends", [&] {
    RawFile::OpenForReading(folder / "f").ReadAt(8, std::as_writable_bytes(std::span(read)));
  });
}

TEST(RawFile, MissingFilesAreNamed) {
  ExpectError(ExitCode::kMissingInput, "cannot open /nowhere/f: No such file or directory",
              [] { RawFile::OpenForReading("/nowhere/f"); });
  ExpectError(ExitCode::kCannotCreate, "cannot create /nowhere/f: No such file or directory",
              [] { RawFile::CreateUnnamed("/nowhere/f", 1); });
}

}  // namespace
}  // namespace lockstep
