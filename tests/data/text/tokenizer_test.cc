#include "data/text/tokenizer.h"

#include "data/text/base64.h"
#include "data/text/piece_model.h"
#include "tests/support/expect_error.h"

namespace lockstep {
namespace {

using Tokens = std::vector<std::string>;

Tokens Words(const std::string& text) { return Tokenizer({}).Split(text); }
Tokens SplitWords(const std::string& text) {
  return Tokenizer({.kind = TokenKind::kWords, .split_punctuation = true}).Split(text);
}
Tokens Characters(const std::string& text) {
  return Tokenizer({.kind = TokenKind::kCharacters}).Split(text);
}

TEST(Tokenizer, WordsStandBetweenWhiteSpace) {
  EXPECT_EQ(Words("  a fine\tfilm , really .\n"),
            (Tokens{"a", "fine", "film", ",", "really", "."}));
  EXPECT_EQ(Words("a\xC2\xA0\x62\xE3\x80\x80\x63"), (Tokens{"a", "b", "c"}));
  EXPECT_EQ(Words("do n't"), (Tokens{"do", "n't"}));
  EXPECT_EQ(Words(" \t "), Tokens{});
  EXPECT_EQ(Words(""), Tokens{});
}

TEST(Tokenizer, PunctuationIsSplitOffWordsButNotOutOfThem) {
  EXPECT_EQ(SplitWords("Wow... Loved this place."),
            (Tokens{"Wow", "...", "Loved", "this", "place", "."}));
  EXPECT_EQ(SplitWords("don't (well-known), 'so'!"),
            (Tokens{"don't", "(", "well-known", ")", ",", "'", "so", "'", "!"}));
  EXPECT_EQ(SplitWords("3.14, 1,000 or 9:30 on 1/2; e.g. $5 a,b"),
            (Tokens{"3.14", ",", "1,000", "or", "9:30", "on", "1/2", ";", "e", ".", "g", ".", "$",
                    "5", "a", ",", "b"}));
  EXPECT_EQ(SplitWords("no--never !!"), (Tokens{"no", "--", "never", "!", "!"}));
  EXPECT_EQ(SplitWords("l\xE2\x80\x99\xC3\xA9t\xC3\xA9\xE2\x80\xA6"),
            (Tokens{"l\xE2\x80\x99\xC3\xA9t\xC3\xA9", "\xE2\x80\xA6"}));
  EXPECT_EQ(SplitWords("- -"), (Tokens{"-", "-"}));
}

TEST(Tokenizer, CharactersAreCodePointsWithOneBlankPerRun) {
  EXPECT_EQ(Characters(" h\xC3\xA9  \tl "), (Tokens{"h", "\xC3\xA9", " ", "l"}));
  EXPECT_EQ(Characters("e\xCC\x81"), (Tokens{"e", "\xCC\x81"}));
  EXPECT_EQ(Characters("  "), Tokens{});
}

TEST(Tokenizer, PiecesJoinToTheTextAndUnknownPartsComeAsTheyAre) {
  int left = 100;
  const auto model = std::make_shared<const PieceModel>(PieceModel::Train(
      [&](std::string* text) {
        *text = left % 2 == 0 ? "seven eleven" : "seventy even";
        return left-- > 0;
      },
      12));
  const Tokenizer tokenizer({.kind = TokenKind::kPieces}, model);
  std::string joined;
  for (const std::string& token : tokenizer.Split("seven  even")) joined += token;
  EXPECT_EQ(joined,
            "\xE2\x96\x81seven\xE2\x96\x81"
            "even");
  EXPECT_EQ(tokenizer.Split("seven\n\teven"), tokenizer.Split("seven even"));
  const Tokens unknown = tokenizer.Split("sevenx");
  EXPECT_EQ(unknown.back(), "x");
  EXPECT_EQ(tokenizer.Split("   "), Tokens{});
}

TEST(Tokenizer, TextThatIsNotUtf8IsRefused) {
  for (const TokenKind kind : {TokenKind::kWords, TokenKind::kCharacters}) {
    ExpectError(ExitCode::kBadData, "no UTF-8", [&] { Tokenizer({.kind = kind}).Split("a\xFFz"); });
  }
}

TEST(Base64, ReadsBackWhatItWrites) {
  // Test vectors of RFC 4648, section 10.
  const std::pair<const char*, const char*> vectors[] = {{"", ""},
                                                         {"f", "Zg=="},
                                                         {"fo", "Zm8="},
                                                         {"foo", "Zm9v"},
                                                         {"foob", "Zm9vYg=="},
                                                         {"fooba", "Zm9vYmE="},
                                                         {"foobar", "Zm9vYmFy"}};
  for (const auto& [bytes, text] : vectors) {
    EXPECT_EQ(ToBase64(bytes), text);
    EXPECT_EQ(FromBase64(text), bytes);
  }
  std::string all;
  for (int i = 0; i < 256; ++i) all += static_cast<char>(i);
  EXPECT_EQ(FromBase64(ToBase64(all)), all);
}

TEST(Base64, AnythingElseIsRefused) {
  for (const char* bad :
       {"Z", "Zg=", "Zg", "Z===", "====", "Zh==", "Zm9=", "Zm 9", "Zm9v\n", "Zg==Zg=="}) {
    EXPECT_EQ(FromBase64(bad), std::nullopt) << bad;
  }
}

}  // namespace
}  // namespace lockstep
