#include "base/gzip_lines.h"

#include <gtest/gtest.h>

#include "tests/data/gzip_bytes.h"
#include "tests/support/expect_error.h"
#include "tests/support/temp_folder.h"

namespace lockstep {
namespace {

class GzipLines : public testing::Test {
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
  std::vector<std::string> ReadLines(const std::string& bytes) {
    Spill(path_, bytes);
    LineReader reader(path_);
    std::vector<std::string> lines;
    for (std::string_view line; reader.Next(&line);) {
      lines.emplace_back(line);
      EXPECT_EQ(reader.line_number(), static_cast<Index>(lines.size()));
    }
    return lines;
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

TEST_F(GzipLines, PlainAndPackedTextIsTheSame) {
  for (const std::string& text : {std::string("a"), std::string("one\ntwo\n"), LongText()}) {
    EXPECT_EQ(ReadAll(text), text);
    EXPECT_EQ(ReadAll(GzipBytes(text)), text);
  }
  EXPECT_EQ(ReadAll(""), "");
  EXPECT_EQ(ReadAll(GzipBytes("")), "");
}

TEST_F(GzipLines, SeveralMembersAreJoined) {
  const std::string text = LongText();
  EXPECT_EQ(ReadAll(GzipBytes("first\n") + GzipBytes(text) + GzipBytes("") + GzipBytes("last")),
            "first\n" + text + "last");
}

TEST_F(GzipLines, CutShortAnywhereIsFound) {
  const std::string bytes = GzipBytes("some text that is packed, packed, packed");
  for (std::size_t size = 2; size < bytes.size(); ++size) {
    ExpectError(ExitCode::kBadData, "the gzip stream ends early: the file is cut short at byte",
                [&] { ReadAll(bytes.substr(0, size)); });
  }
}

TEST_F(GzipLines, CutShortNamesFileAndOffset) {
  const std::string bytes = GzipBytes(LongText());
  const std::string message = fmt::format(
      "cannot unpack {}: the gzip stream ends early: the file is cut short at byte {} of the file",
      path_, bytes.size() / 2);
  ExpectError(ExitCode::kBadData, message, [&] { ReadAll(bytes.substr(0, bytes.size() / 2)); });
}

TEST_F(GzipLines, DamageAnywhereInTheTextIsFound) {
  const std::string text = LongText();
  std::string bytes = GzipBytes(text);
  for (std::size_t at = 10; at < bytes.size(); at += bytes.size() / 20) {
    std::string damaged = bytes;
    damaged[at] = static_cast<char>(damaged[at] ^ 4);
    ExpectError(ExitCode::kBadData, "copy or download it again", [&] { ReadAll(damaged); });
  }
}

TEST_F(GzipLines, RubbishBehindAMemberIsFound) {
  ExpectError(ExitCode::kBadData, "incorrect header check",
              [&] { ReadAll(GzipBytes("text") + "rubbish"); });
}

TEST_F(GzipLines, LineEndsMayBeOfEitherKindOrMissing) {
  EXPECT_EQ(ReadLines("a\nb\r\n\nc"), (std::vector<std::string>{"a", "b", "", "c"}));
  EXPECT_EQ(ReadLines("\n"), std::vector<std::string>{""});
  EXPECT_EQ(ReadLines(""), std::vector<std::string>{});
}

TEST_F(GzipLines, AByteOrderMarkBeforeTheFirstLineIsLeftOut) {
  EXPECT_EQ(ReadLines("\xEF\xBB\xBF"
                      "a\n\xEF\xBB\xBF"
                      "b\n"),
            (std::vector<std::string>{"a",
                                      "\xEF\xBB\xBF"
                                      "b"}));
  EXPECT_EQ(ReadLines("\xEF\xBB\xBF"), std::vector<std::string>{""});
}

TEST_F(GzipLines, LinesAcrossPiecesAreWhole) {
  const std::string text = LongText();
  std::string joined;
  for (const std::string& line : ReadLines(GzipBytes(text))) joined += line + "\n";
  EXPECT_EQ(joined, text);
}

TEST_F(GzipLines, EndlessLinesAreRefused) {
  const std::string text = "short\n" + std::string(LineReader::kLongestLine + 1, 'x');
  ExpectError(ExitCode::kBadData, path_ + ":2: a line of more than 1048576 bytes",
              [&] { ReadLines(text); });
}

TEST_F(GzipLines, MissingFilesAndFoldersAreNamed) {
  ExpectError(ExitCode::kMissingInput, "cannot open /nowhere/x: No such file",
              [] { GzipReader("/nowhere/x"); });
  ExpectError(ExitCode::kUsage, "it is no regular file", [&] { GzipReader(folder_.path()); });
}

}  // namespace
}  // namespace lockstep
