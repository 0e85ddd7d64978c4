#include "data/text/text_pieces.h"

#include <zlib.h>

#include "tests/support/expect_error.h"
#include "tests/support/temp_folder.h"

namespace lockstep {
namespace {

struct Found {
  std::string text;
  bool ends_line;
  bool has_end;
  bool operator==(const Found&) const = default;
};
void PrintTo(const Found& found, std::ostream* out) {
  *out << '"' << found.text << "\" " << found.ends_line << found.has_end;
}

class TextPiecesTest : public testing::Test {
 protected:
  std::vector<Found> Read(const std::string& bytes, PieceCut cut = PieceCut::kWords,
                          const std::string& encoding = kUtf8) {
    Spill(folder_ / "text", bytes);
    TextPieces pieces(folder_ / "text", cut, encoding);
    std::vector<Found> found;
    for (TextPieces::Piece piece; pieces.Next(&piece);)
      found.push_back({std::string(piece.text), piece.ends_line, piece.has_end});
    lines_ = pieces.line_number();
    return found;
  }
  // The text that the pieces give together.
  static std::string Joined(const std::vector<Found>& pieces) {
    std::string text;
    for (const Found& piece : pieces) text += piece.text + (piece.has_end ? "\n" : "");
    return text;
  }

  TempFolder folder_;
  Index lines_ = 0;
};

TEST_F(TextPiecesTest, ShortLinesAreOnePieceEach) {
  const std::vector<Found> expected = {
      {"a b", true, true}, {"", true, true}, {"c", true, true}, {"d", true, false}};
  EXPECT_EQ(Read("a b\n\nc\nd"), expected);
  EXPECT_EQ(lines_, 4);
  EXPECT_EQ(Read("\xEF\xBB\xBF"
                 "a b\r\n\rc\r\nd"),
            expected);
  EXPECT_EQ(Read(""), std::vector<Found>{});
  EXPECT_EQ(Read("\n"), (std::vector<Found>{{"", true, true}}));
}

TEST_F(TextPiecesTest, BytesAreLeftAsTheyAre) {
  EXPECT_EQ(Read(std::string("\xEF\xBB\xBF\r\n\0\xFF", 7), PieceCut::kBytes),
            (std::vector<Found>{{"\xEF\xBB\xBF\r", true, true},
                                {std::string("\0\xFF", 2), true, false}}));
}

TEST_F(TextPiecesTest, ALongLineComesInPiecesThatDivideNoWord) {
  std::string text;
  for (int word = 0; text.size() < 3 * TextPieces::kMostBytes; ++word)
    text += "word" + std::to_string(word) + " ";
  for (const std::string end : {"", "\n", "\r\n", "\nnext"}) {
    const auto pieces = Read(text + end);
    EXPECT_GE(pieces.size(), 4u);
    const std::string expected = end == "\r\n" ? "\n" : end;
    EXPECT_EQ(Joined(pieces), text + expected);
    for (const Found& piece : pieces) {
      EXPECT_LE(piece.text.size(), TextPieces::kMostBytes);
      EXPECT_TRUE(piece.ends_line || piece.text.back() == ' ');
    }
    EXPECT_TRUE(pieces.back().ends_line);
    EXPECT_EQ(lines_, end == "\nnext" ? 2 : 1);
  }
}

TEST_F(TextPiecesTest, ALineThatEndsWithAPieceHasOneEnd) {
  for (const int more : {-1, 0, 1}) {
    const auto size = static_cast<std::size_t>(static_cast<int>(TextPieces::kMostBytes) + more);
    const std::string line = std::string(size - 9, 'a') + " bbbbbbb ";
    for (const std::string end : {"", "\n"}) {
      const auto pieces = Read(line + end);
      EXPECT_EQ(Joined(pieces), line + end);
      Index ends = 0;
      for (const Found& piece : pieces) ends += piece.ends_line ? 1 : 0;
      EXPECT_EQ(ends, 1) << more;
    }
  }
}

TEST_F(TextPiecesTest, CharactersAreNotDivided) {
  std::string text = "a";  // so that no piece ends at a multiple of three bytes
  while (text.size() < 2 * TextPieces::kMostBytes) text += "\xE6\x97\xA5";
  const auto pieces = Read(text, PieceCut::kCharacters);
  EXPECT_EQ(Joined(pieces), text);
  for (std::size_t i = 1; i < pieces.size(); ++i)
    EXPECT_TRUE(pieces[i].text.empty() || (pieces[i].text[0] & 0xC0) != 0x80);
}

TEST_F(TextPiecesTest, AWordWithoutEndIsRefused) {
  ExpectError(ExitCode::kBadData, "text:2: a word has 65536 bytes or more",
              [&] { Read("a\n" + std::string(TextPieces::kMostBytes + 1, 'x')); });
}

TEST_F(TextPiecesTest, TextThatIsNotUtf8IsNamedByLineAndByte) {
  ExpectError(ExitCode::kBadData, "text:2: byte 5 of the text is 0xe9",
              [&] { Read("ab\ncd\xE9 e\n"); });
  ExpectError(ExitCode::kBadData, "text:1: byte 1 of the text is U+0000",
              [&] { Read(std::string("a\0b", 3)); });
  ExpectError(ExitCode::kBadData, "text:1: byte 2 of the text is 0xe6",
              [&] { Read("ab\xE6\x97"); });
  EXPECT_EQ(Read("ab\ncd\xE9 e\n", PieceCut::kWords, "ISO-8859-1")[1].text, "cd\xC3\xA9 e");
}

TEST_F(TextPiecesTest, GzipIsReadAsText) {
  const std::string path = folder_ / "text.gz";
  const gzFile file = gzopen(path.c_str(), "wb");
  gzputs(file, "a b\nc\n");
  gzclose(file);
  TextPieces pieces(path, PieceCut::kWords);
  TextPieces::Piece piece;
  ASSERT_TRUE(pieces.Next(&piece));
  EXPECT_EQ(piece.text, "a b");
}

}  // namespace
}  // namespace lockstep
