#include "base/line_reader.h"

#include <unistd.h>

#include "tests/data/gzip_bytes.h"
#include "tests/support/expect_error.h"
#include "tests/support/temp_folder.h"

namespace lockstep {
namespace {

using Lines = std::vector<std::string>;

class LineReaderTest : public testing::Test {
 protected:
  Lines Read(const std::string& bytes, const std::string& encoding = "UTF-8") {
    Spill(path_, bytes);
    LineReader lines(path_, encoding);
    Lines all;
    for (std::string_view line; lines.Next(&line);) {
      all.emplace_back(line);
      EXPECT_EQ(lines.line_number(), static_cast<Index>(all.size()));
    }
    return all;
  }
  void ExpectRefused(const std::string& text, const std::string& bytes,
                     const std::string& encoding = "UTF-8") {
    ExpectError(ExitCode::kBadData, text, [&] { Read(bytes, encoding); });
  }

  TempFolder folder_;
  std::string path_ = folder_ / "text";
};

TEST_F(LineReaderTest, EveryKindOfLineEndEndsALine) {
  EXPECT_EQ(Read("a\nb\r\nc\rd"), (Lines{"a", "b", "c", "d"}));
  EXPECT_EQ(Read("a\n\nb\r\n\r\nc\r\rd\n"), (Lines{"a", "", "b", "", "c", "", "d"}));
  EXPECT_EQ(Read("a\r"), (Lines{"a"}));
  EXPECT_EQ(Read("a\n\r"), (Lines{"a", ""}));
  EXPECT_EQ(Read(""), Lines{});
}

TEST_F(LineReaderTest, LineEndsAcrossPiecesAreOneEnd) {
  for (std::size_t before = GzipReader::kPieceBytes - 2; before <= GzipReader::kPieceBytes;
       ++before) {
    const std::string head =
        std::string(before / 2, 'x') + "\n" + std::string(before - before / 2 - 1, 'y');
    EXPECT_EQ(Read(head + "\r\nz\r\n").size(), 3u);
    EXPECT_EQ(Read(head + "\r\nz\r\n", "ISO-8859-1").size(), 3u);
  }
}

TEST_F(LineReaderTest, TheByteOrderMarkIsTaken) {
  EXPECT_EQ(Read("\xEF\xBB\xBFone\ntwo"), (Lines{"one", "two"}));
  const std::string utf16("\xFF\xFEh\0\xE9\0\r\0\n\0z\0", 12);
  EXPECT_EQ(Read(utf16, "UTF-16"), (Lines{"h\xC3\xA9", "z"}));
  EXPECT_EQ(Read(utf16, "UTF-16LE"), (Lines{"h\xC3\xA9", "z"}));
}

TEST_F(LineReaderTest, LinesKnowTheirPlaceInTheFile) {
  Spill(path_,
        "\xEF\xBB\xBF"
        "one\r\ntwo\rthree\n");
  LineReader lines(path_);
  std::vector<Index> offsets;
  for (std::string_view line; lines.Next(&line);) offsets.push_back(lines.line_offset());
  EXPECT_EQ(offsets, (std::vector<Index>{3, 8, 12}));
}

TEST_F(LineReaderTest, AnyBytesAreReturnedAsTheyAre) {
  Spill(path_, std::string("\xEF\xBB\xBF\xE9\0\r\n\xC3", 8));
  LineReader lines(path_, AnyBytes{});
  std::string_view line;
  EXPECT_TRUE(lines.Next(&line));
  EXPECT_EQ(line, std::string_view("\xE9\0", 2));
  EXPECT_TRUE(lines.Next(&line));
  EXPECT_EQ(line, "\xC3");
  EXPECT_FALSE(lines.Next(&line));
}

TEST_F(LineReaderTest, WideTextIsNamedUnlessItsEncodingIsGiven) {
  const std::string utf16("{\0\"\0a\0", 6);
  ExpectRefused("it is text in UTF-16; convert it with `iconv -f UTF-16LE -t UTF-8", utf16);
  ExpectRefused("it is text in UTF-16", GzipBytes(utf16));
  EXPECT_EQ(Read(utf16, "UTF-16LE"), Lines{"{\"a"});
  Spill(path_, utf16);
  ExpectError(ExitCode::kBadData, "it is text in UTF-16", [&] {
    LineReader lines(path_, AnyBytes{});
    std::string_view line;
    lines.Next(&line);
  });
}

TEST_F(LineReaderTest, DeclaredEncodingsBecomeUtf8) {
  EXPECT_EQ(Read("caf\xE9\n", "ISO-8859-1"), (Lines{"caf\xC3\xA9"}));
  EXPECT_EQ(Read("so\x85 \x93no\x94\n", "windows-1252"),
            (Lines{"so\xE2\x80\xA6 \xE2\x80\x9Cno\xE2\x80\x9D"}));
  EXPECT_EQ(Read("caf\xC3\xA9", "utf8"), (Lines{"caf\xC3\xA9"}));
  EXPECT_EQ(Read(GzipBytes("caf\xE9\nb\n"), "latin1"), (Lines{"caf\xC3\xA9", "b"}));
}

TEST_F(LineReaderTest, CharactersAcrossPiecesAreWhole) {
  // Two bytes each, beginning at an odd place, so that one lies across every border of pieces.
  std::string text = "x\n";
  for (std::size_t i = 0; i < 3 * GzipReader::kPieceBytes / 4; ++i) {
    text += "\xC3\xA9";
    if (i % 1000 == 999) text += '\n';
  }
  const Lines lines = Read("y" + text);
  std::string utf16;
  for (std::size_t i = 0; i < GzipReader::kPieceBytes; ++i) utf16 += std::string("\xE9\0", 2);
  ASSERT_GT(lines.size(), 700u);
  EXPECT_EQ(lines[1].size(), 2000u);
  Spill(path_, std::string("\xFF\xFE", 2) + utf16.substr(0, 2 * 400000) + std::string("\n\0", 2) +
                   utf16.substr(0, 2 * 400000));
  LineReader decoded(path_, "UTF-16");
  for (std::string_view line; decoded.Next(&line);) EXPECT_EQ(line.size(), 800000u);
  EXPECT_EQ(decoded.line_number(), 2);
}

TEST_F(LineReaderTest, ABadByteIsNamedWithLineColumnAndRemedy) {
  ExpectRefused("text:2: column 5 has the byte 0xe9, which is not valid UTF-8",
                "a\n\xC3\xA9t\xC3\xA9 \xE9t\n");
  ExpectRefused("--encoding ISO-8859-1", "\xE9t");
  ExpectRefused("--encoding UTF-16", std::string("\xFF\xFEh\0", 4));
  ExpectRefused("text:2: column 3 has the byte 0x81, which is not valid windows-1252",
                "a\nbc\x81 d\n", "windows-1252");
  ExpectRefused("text:1: column 1 has the byte 0x81", "\x81", "windows-1252");
  ExpectRefused("text:3: column 1 has the byte 0xe9, which is not valid ASCII", "a\nb\n\xE9",
                "ASCII");
  ExpectRefused("text:1: column 2 has the byte 0xc3", "a\xC3");
  ExpectRefused("text:1: column 2 has the byte 0x62", std::string("a\0b", 3), "UTF-16LE");
}

TEST_F(LineReaderTest, ABadByteAtTheBeginOfAPieceIsOnItsOwnLine) {
  const std::string line(GzipReader::kPieceBytes / 2 - 1, 'x');
  ExpectRefused("text:3: column 1 has the byte 0x81", line + "\n" + line + "\n\x81",
                "windows-1252");
  ExpectRefused("text:2: column 524289 has the byte 0x81", line + "\n" + line + "y\x81",
                "windows-1252");
}

TEST_F(LineReaderTest, ReadingGoesOnAfterABadLine) {
  Spill(path_, "a\n\xE9\nb\n");
  LineReader lines(path_);
  std::string_view line;
  EXPECT_TRUE(lines.Next(&line));
  EXPECT_THROW(lines.Next(&line), InputError);
  EXPECT_TRUE(lines.Next(&line));
  EXPECT_EQ(line, "b");
  EXPECT_FALSE(lines.Next(&line));
}

TEST_F(LineReaderTest, ADamagedFileEndsAfterItsError) {
  const std::string packed = GzipBytes("one\ntwo\n");
  for (const char* encoding : {"UTF-8", "ISO-8859-1"}) {
    Spill(path_, packed.substr(0, packed.size() - 9));
    LineReader lines(path_, encoding);
    std::string_view line;
    int errors = 0;
    for (int calls = 0; calls < 10; ++calls) {
      try {
        if (!lines.Next(&line)) break;
      } catch (const InputError&) {
        ++errors;
      }
    }
    EXPECT_EQ(errors, 1);
    EXPECT_FALSE(lines.Next(&line));
  }
}

TEST_F(LineReaderTest, WhatIsNoTextIsRefused) {
  ExpectRefused("text:1: column 2 is U+0000", std::string("a\0b", 3));
  ExpectRefused("text:2: the line has more than 1048576 bytes",
                "a\n" + std::string(LineReader::kLongestLine + 1, 'x') + "\nb\n");
  EXPECT_EQ(Read(std::string(LineReader::kLongestLine, 'x'))[0].size(), LineReader::kLongestLine);
  ExpectError(ExitCode::kMissingInput, "cannot open", [&] { LineReader lines(folder_ / "none"); });
}

TEST_F(LineReaderTest, AnUnknownEncodingIsRefused) {
  for (const char* name : {"latin-99", "", "UTF-16//IGNORE"}) {
    ExpectError(ExitCode::kUsage, fmt::format("--encoding is \"{}\"", name),
                [&] { Read("a", name); });
  }
}

TEST(LineReader, TellsWhetherALineOfAPipeHasCome) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  const int before = ::dup(STDIN_FILENO);
  ::dup2(ends[0], STDIN_FILENO);
  ::close(ends[0]);
  const auto write = [&](std::string_view text) {
    ASSERT_EQ(::write(ends[1], text.data(), text.size()), std::ssize(text));
  };
  write("first\nsecond\r\nthi");
  LineReader lines(TextInput{"-"});
  std::string_view line;
  EXPECT_FALSE(lines.MayWait());
  EXPECT_TRUE(lines.Next(&line));
  EXPECT_FALSE(lines.MayWait());
  EXPECT_TRUE(lines.Next(&line));
  EXPECT_EQ(line, "second");
  EXPECT_TRUE(lines.MayWait());
  write("rd\n");
  EXPECT_FALSE(lines.MayWait());
  EXPECT_TRUE(lines.Next(&line));
  EXPECT_EQ(line, "third");
  EXPECT_TRUE(lines.MayWait());
  ::close(ends[1]);
  EXPECT_FALSE(lines.MayWait());
  EXPECT_FALSE(lines.Next(&line));
  EXPECT_FALSE(lines.MayWait());
  ::dup2(before, STDIN_FILENO);
  ::close(before);
}

TEST(LineReader, AFileNeverWaits) {
  const TempFolder folder;
  Spill(folder / "text", "a");
  EXPECT_FALSE(LineReader(folder / "text").MayWait());
}

}  // namespace
}  // namespace lockstep
