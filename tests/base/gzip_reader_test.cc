#include "base/gzip_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <thread>

#include "tests/data/gzip_bytes.h"
#include "tests/support/expect_error.h"
#include "tests/support/temp_folder.h"

namespace lockstep {
namespace {

using testing::HasSubstr;

class GzipReaderTest : public testing::Test {
 protected:
  std::string ReadAll(const std::string& bytes) {
    Spill(path_, bytes);
    GzipReader reader(path_);
    std::string text;
    for (auto piece = reader.Next(); !piece.empty(); piece = reader.Next()) {
      EXPECT_LE(piece.size(), GzipReader::kPieceBytes);
      text.append(piece.data(), piece.size());
    }
    return text;
  }
  // More than two pieces, of poorly packed text.
  static std::string LongText() {
    std::string text;
    for (std::size_t i = 0; text.size() < 5 * GzipReader::kPieceBytes / 2; ++i) {
      text += std::to_string(i * 2654435761u) + "\n";
    }
    return text;
  }

  TempFolder folder_;
  std::string path_ = folder_ / "text";
};

TEST_F(GzipReaderTest, PlainAndPackedTextIsTheSame) {
  for (const std::string& text : {std::string("a"), std::string("one\ntwo\n"), LongText()}) {
    EXPECT_EQ(ReadAll(text), text);
    EXPECT_EQ(ReadAll(GzipBytes(text)), text);
  }
  EXPECT_EQ(ReadAll(""), "");
  EXPECT_EQ(ReadAll(GzipBytes("")), "");
}

// Standard input is a pipe into which a thread writes a few bytes at a time.
class StandardInput {
 public:
  StandardInput(const std::string& bytes, std::size_t at_once) : before_(::dup(STDIN_FILENO)) {
    int ends[2];
    EXPECT_EQ(::pipe(ends), 0);
    ::dup2(ends[0], STDIN_FILENO);
    ::close(ends[0]);
    writer_ = std::thread([bytes, at_once, end = ends[1]] {
      for (std::size_t i = 0; i < bytes.size(); i += at_once) {
        const std::string part = bytes.substr(i, at_once);
        EXPECT_EQ(::write(end, part.data(), part.size()), std::ssize(part));
      }
      ::close(end);
    });
  }
  ~StandardInput() {
    writer_.join();
    ::dup2(before_, STDIN_FILENO);
    ::close(before_);
  }

 private:
  int before_;
  std::thread writer_;
};

TEST_F(GzipReaderTest, StandardInputIsReadAsItComes) {
  const std::string text = "some text\nin two lines\n";
  for (const std::string& bytes : {text, GzipBytes(text), std::string(), std::string("a")}) {
    for (const std::size_t at_once : {1, 3, 100}) {
      const StandardInput input(bytes, at_once);
      GzipReader reader(TextInput{"-"});
      std::string read;
      for (auto piece = reader.Next(); !piece.empty(); piece = reader.Next())
        read.append(piece.data(), piece.size());
      EXPECT_EQ(read, bytes.size() > 1 ? text : bytes);
      EXPECT_EQ(reader.path(), "standard input");
      EXPECT_LT(reader.share_read(), 0);
    }
  }
}

TEST_F(GzipReaderTest, SeveralMembersAreJoined) {
  const std::string text = LongText();
  EXPECT_EQ(ReadAll(GzipBytes("first\n") + GzipBytes(text) + GzipBytes("") + GzipBytes("last")),
            "first\n" + text + "last");
}

TEST_F(GzipReaderTest, CutShortAnywhereIsFound) {
  const std::string bytes = GzipBytes("some text that is packed, packed, packed");
  for (std::size_t size = 2; size < bytes.size(); ++size) {
    ExpectError(ExitCode::kBadData, "the gzip stream ends early: the file is cut short at byte",
                [&] { ReadAll(bytes.substr(0, size)); });
  }
}

TEST_F(GzipReaderTest, CutShortNamesFileAndOffset) {
  const std::string bytes = GzipBytes(LongText());
  const std::string message = fmt::format(
      "cannot unpack {}: the gzip stream ends early: the file is cut short at byte {} of the file",
      path_, bytes.size() / 2);
  ExpectError(ExitCode::kBadData, message, [&] { ReadAll(bytes.substr(0, bytes.size() / 2)); });
}

TEST_F(GzipReaderTest, DamageAnywhereInTheTextIsFound) {
  const std::string text = LongText();
  std::string bytes = GzipBytes(text);
  for (std::size_t at = 10; at < bytes.size(); at += bytes.size() / 20) {
    std::string damaged = bytes;
    damaged[at] = static_cast<char>(damaged[at] ^ 4);
    ExpectError(ExitCode::kBadData, "copy or download it again", [&] { ReadAll(damaged); });
  }
}

TEST_F(GzipReaderTest, ZerosBehindTheDataArePassedOver) {
  const std::string piece(GzipReader::kPieceBytes, '\0');
  for (const std::string& zeros : {std::string(1, '\0'), std::string(511, '\0'), piece + piece}) {
    testing::internal::CaptureStderr();
    EXPECT_EQ(ReadAll(GzipBytes("text\n") + zeros), "text\n");
    EXPECT_EQ(ReadAll(GzipBytes("text\n") + zeros + GzipBytes("more\n") + zeros), "text\nmore\n");
    EXPECT_THAT(testing::internal::GetCapturedStderr(),
                HasSubstr(fmt::format("{}: passed over {} zero bytes", path_, zeros.size())));
  }
}

TEST_F(GzipReaderTest, OtherBytesBehindTheDataAreLeftOutWithAWarningSaidOnce) {
  const std::string packed = GzipBytes("text\n");
  const std::string warning = fmt::format(
      "{}: what follows from byte {} on, after 5 bytes of text, is no gzip and is left out", path_,
      packed.size() + 3);
  testing::internal::CaptureStderr();
  EXPECT_EQ(ReadAll(packed + std::string(2, '\0') + "a note"), "text\n");
  EXPECT_EQ(ReadAll(packed + std::string(2, '\0') + "a note"), "text\n");
  const std::string said = testing::internal::GetCapturedStderr();
  ASSERT_THAT(said, HasSubstr(warning));
  EXPECT_EQ(said.find(warning, said.find(warning) + 1), said.npos);
}

TEST_F(GzipReaderTest, AnotherMemberThatIsDamagedOrCutShortIsAnError) {
  const std::string packed = GzipBytes("text\n");
  for (std::size_t size = 1; size < packed.size(); ++size) {
    ExpectError(ExitCode::kBadData, "the file is cut short",
                [&] { ReadAll(packed + packed.substr(0, size)); });
  }
  ExpectError(ExitCode::kBadData, "unknown compression method",
              [&] { ReadAll(packed + "\x1F\x8B rubbish"); });
}

TEST_F(GzipReaderTest, FilesOfAnotherKindAreNamedPackedOrNot) {
  const std::string tar = std::string(257, 'x') + "ustar  " + std::string(300, 'y');
  for (const std::string& bytes :
       {tar, GzipBytes(tar), GzipBytes(tar.substr(0, 9)) + GzipBytes(tar.substr(9))}) {
    ExpectError(
        ExitCode::kBadData,
        fmt::format("cannot read {0}: it is a tar archive; unpack it with `tar -xf {0}`", path_),
        [&] { ReadAll(bytes); });
  }
  ExpectError(ExitCode::kBadData, "it is compressed with gzip twice; unpack it once with `zcat",
              [&] { ReadAll(GzipBytes(GzipBytes("text"))); });
  ExpectError(ExitCode::kBadData, "it is compressed with xz; unpack it with `unxz <",
              [&] { ReadAll(std::string("\xFD\x37zXZ\0rest", 10)); });
}

TEST_F(GzipReaderTest, MissingFilesAndFoldersAreNamed) {
  ExpectError(ExitCode::kMissingInput, "cannot open /nowhere/x: No such file",
              [] { GzipReader("/nowhere/x"); });
  ExpectError(ExitCode::kUsage, "it is no regular file", [&] { GzipReader(folder_.path()); });
}

TEST_F(GzipReaderTest, APipeWithoutAWriterIsRefusedAtOnce) {
  ASSERT_EQ(::mkfifo(path_.c_str(), 0600), 0);
  ExpectError(ExitCode::kUsage, "it is no regular file; files are read twice, so give no pipe",
              [&] { GzipReader{path_}; });
}

}  // namespace
}  // namespace lockstep
