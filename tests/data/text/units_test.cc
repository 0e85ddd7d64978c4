#include "data/text/units.h"

#include "data/text/piece_model.h"
#include "tests/support/expect_error.h"
#include "tests/support/temp_folder.h"

namespace lockstep {
namespace {

using Labels = std::vector<std::int32_t>;
using Names = std::vector<std::string>;

Units Gather(UnitKind kind, LetterCase letter_case, const Names& transcripts) {
  UnitGatherer gatherer(kind, letter_case);
  for (const std::string& transcript : transcripts) gatherer.Add(transcript);
  return gatherer.Finish();
}

// Trains pieces on sentences of a few words.
PieceModel TrainPieces(Index pieces) {
  const Names words = {"seven", "eleven", "seventy", "even", "seventeen", "nineteen"};
  int left = 200;
  return PieceModel::Train(
      [&](std::string* text) {
        const auto i = static_cast<std::size_t>(left);
        *text = words[i % 6] + " " + words[i * 7 % 5] + " " + words[i / 3 % 6];
        return left-- > 0;
      },
      pieces);
}

TEST(Units, LettersWithTheSpaceAsAUnit) {
  const Units units = Gather(UnitKind::kLetters, LetterCase::kAsWritten, {"ab a", "  b\tc "});
  EXPECT_EQ(units.names(), (Names{"<blank>", "a", "b", "c", "|"}));
  EXPECT_EQ(units.Encode("a  b"), (Labels{1, 4, 2}));
  EXPECT_EQ(units.Text(Labels{1, 4, 0, 2}), "a b");
  EXPECT_EQ(units.Encode(""), Labels{});
}

TEST(Units, CaseIsThatOfUnicode) {
  EXPECT_EQ(NormaliseTranscript("\xC3\x84rger \xCE\xA9", LetterCase::kLower),
            "\xC3\xA4rger \xCF\x89");
  EXPECT_EQ(NormaliseTranscript(" stra\xC3\x9F\x65  \xD0\xB4", LetterCase::kUpper),
            "STRA\xC3\x9F\x45 \xD0\x94");
  EXPECT_EQ(Gather(UnitKind::kLetters, LetterCase::kLower, {"Aa"}).names(),
            (Names{"<blank>", "a"}));
}

TEST(Units, Words) {
  const Units units = Gather(UnitKind::kWords, LetterCase::kLower, {"Two one", "two"});
  EXPECT_EQ(units.names(), (Names{"<blank>", "one", "two"}));
  EXPECT_EQ(units.Text(units.Encode("ONE two TWO")), "one two two");
}

TEST(Units, SymbolsThatAreNoUnitsAreAllNamed) {
  const Units units = Gather(UnitKind::kLetters, LetterCase::kAsWritten, {"ab"});
  ExpectError(ExitCode::kBadData, "symbols that are no units: \"!\" \"c\"",
              [&] { units.Encode("ac!bc"); });
  ExpectError(ExitCode::kBadData, "no units",
              [&] { Gather(UnitKind::kWords, LetterCase::kAsWritten, {"a"}).Encode("<blank>"); });
}

TEST(Transcript, WhiteSpaceOfUnicodeIsABlank) {
  for (const char* blank : {"\u00A0", "\u0085", "\u2000", "\u200A", "\u2028", "\u2029", "\u202F",
                            "\u205F", "\u3000", "\v", "\f", " \u3000\t "}) {
    TranscriptChanges changes;
    EXPECT_EQ(NormaliseTranscript(std::string("\u3000one") + blank + "two" + blank,
                                  LetterCase::kAsWritten, &changes),
              "one two");
    EXPECT_TRUE(changes.Warnings().empty());
  }
}

TEST(Transcript, SignsThatCannotBeSeenAreDroppedAndCounted) {
  TranscriptChanges changes;
  const std::string text("a\0b\u200Bc\u200E \uFEFF \u00ADd\x1B\u200B\u2060", 25);
  EXPECT_EQ(NormaliseTranscript(text, LetterCase::kUpper, &changes), "ABC D");
  changes.first_dropped = "m:3";
  ASSERT_EQ(changes.Warnings().size(), 1u);
  EXPECT_EQ(
      changes.Warnings()[0],
      "signs that cannot be seen were left out of transcripts, first in m:3: U+0000 (1 time), "
      "U+001B (1 time), U+00AD (1 time), U+200B (2 times), U+200E (1 time), U+2060 (1 time), "
      "U+FEFF (1 time)");
}

TEST(Transcript, JoinersAndLostCharactersAreKeptAndTold) {
  TranscriptChanges changes;
  const std::string persian = "\u0645\u06CC\u200C\u062E";
  EXPECT_EQ(NormaliseTranscript(persian, LetterCase::kAsWritten, &changes), persian);
  EXPECT_EQ(NormaliseTranscript("\uFFFD", LetterCase::kAsWritten, &changes), "\uFFFD");
  ASSERT_EQ(changes.Warnings().size(), 2u);
  EXPECT_EQ(changes.Warnings()[0].substr(0, 32), "transcripts hold U+200C 1 times:");
}

TEST(Transcript, AccentsAreComposed) {
  TranscriptChanges changes;
  EXPECT_EQ(NormaliseTranscript("cafe\u0301", LetterCase::kUpper, &changes), "CAF\u00C9");
  EXPECT_EQ(NormaliseTranscript("caf\u00E9", LetterCase::kUpper, &changes), "CAF\u00C9");
  EXPECT_EQ(changes.composed, 1);
  EXPECT_EQ(changes.Notes().size(), 1u);
  EXPECT_EQ(
      Gather(UnitKind::kLetters, LetterCase::kAsWritten, {"e\u0301", "\u00E9"}).names().size(), 2u);
}

TEST(Units, SymbolsThatCannotBeSeenAreNamedByCode) {
  const Units units = Gather(UnitKind::kLetters, LetterCase::kAsWritten, {"ab"});
  ExpectError(ExitCode::kBadData, "no units: \"<U+200C>\"", [&] { units.Encode("a\u200Cb"); });
}

TEST(Units, WhatIsNoTextIsRefused) {
  for (const char* bad : {"\xff", "\xc0\x80", "a\xe2\x96", "\xed\xa0\x80"}) {
    ExpectError(ExitCode::kBadData, "the text is no UTF-8",
                [&] { NormaliseTranscript(bad, LetterCase::kAsWritten); });
  }
  ExpectError(ExitCode::kBadData, "stands for the space",
              [&] { Gather(UnitKind::kLetters, LetterCase::kAsWritten, {"a|b"}); });
  ExpectError(ExitCode::kBadData, "there is no unit",
              [&] { Gather(UnitKind::kLetters, LetterCase::kAsWritten, {""}); });
}

TEST(Units, WhiteSpaceOfUnicodeIsABlank) {
  for (const char* space : {"\t", "\v", "\xC2\x85", "\xC2\xA0", "\xE2\x80\x89", "\xE2\x80\xA8",
                            "\xE2\x80\xAF", "\xE3\x80\x80"}) {
    EXPECT_EQ(NormaliseTranscript(space + std::string("one") + space + space + "two" + space,
                                  LetterCase::kAsWritten),
              "one two");
  }
}

TEST(Units, FromAFile) {
  const TempFolder folder;
  Spill(folder / "units", "<blank>\nb\n \na\n");
  const Units units = Units::FromFile(UnitKind::kLetters, LetterCase::kAsWritten, folder / "units");
  EXPECT_EQ(units.names(), (Names{"<blank>", "b", "|", "a"}));
  Spill(folder / "units", "a\na\n");
  ExpectError(ExitCode::kBadData, "unit \"a\" is there twice", [&] {
    Units::FromFile(UnitKind::kLetters, LetterCase::kAsWritten, folder / "units");
  });
  Spill(folder / "units", "a\n\xFF\n");
  ExpectError(ExitCode::kBadData, "units:2: column 1 has the byte", [&] {
    Units::FromFile(UnitKind::kLetters, LetterCase::kAsWritten, folder / "units");
  });
}

class UnitFile : public testing::Test {
 protected:
  Names Read(const std::string& text, UnitKind kind = UnitKind::kLetters) {
    Spill(folder_ / "units", text);
    return Units::FromFile(kind, LetterCase::kAsWritten, folder_ / "units").names();
  }
  void ExpectRefused(const std::string& message, const std::string& text,
                     UnitKind kind = UnitKind::kLetters) {
    ExpectError(ExitCode::kBadData, message, [&] { Read(text, kind); });
  }
  TempFolder folder_;
};

TEST_F(UnitFile, OfDeepSpeechHasComments) {
  EXPECT_EQ(Read("# one a line\n \na\n\\#\n# end\n"), (Names{"<blank>", "|", "a", "#"}));
  EXPECT_EQ(Read("#\na\n"), (Names{"<blank>", "#", "a"}));
}

TEST_F(UnitFile, OfK2HasNumbers) {
  EXPECT_EQ(Read("<blk> 0\n| 1\na 2\nb\t3\n"), (Names{"<blank>", "|", "a", "b"}));
  EXPECT_EQ(Read("<eps> 0\n\u2581 1\na 2\n#0 3\n"), (Names{"<blank>", "|", "a"}));
  EXPECT_EQ(Read("a 1\n  2\n1 3\n"), (Names{"<blank>", "a", "|", "1"}));
  EXPECT_EQ(Read("<eps> 0\nyes 1\nno 2\n", UnitKind::kWords), (Names{"<blank>", "yes", "no"}));
  ExpectRefused("units:2: \"b\" has no number", "a 1\nb\n");
  ExpectRefused("units:2: the number 1 follows 1", "a 1\nb 1\n");
}

TEST_F(UnitFile, OfEspnetHasNamesForNoLetter) {
  EXPECT_EQ(Read("<blank>\n<unk>\n<space>\na\n<sos/eos>\n"), (Names{"<blank>", "|", "a"}));
  EXPECT_EQ(Read("[PAD]\n[UNK]\n|\na\n"), (Names{"<blank>", "|", "a"}));
  EXPECT_EQ(Read("<unk>\nyes\n", UnitKind::kWords), (Names{"<blank>", "<unk>", "yes"}));
}

TEST_F(UnitFile, WithNamesThatNothingCanHaveIsRefusedByLine) {
  ExpectRefused("units:2: the letter \"ch\" has 2 characters, and no transcript can have it",
                "a\nch\n");
  ExpectRefused("units:1: the letter \"#comment\" has 8 characters", "#comment\na\n");
  ExpectRefused("units:2: the word \"one two\" holds white space", "yes\none two\n",
                UnitKind::kWords);
  EXPECT_EQ(Read("e\u0301\n"), (Names{"<blank>", "\u00E9"}));
}

TEST(Units, PiecesGiveTheTextBack) {
  const auto model = std::make_shared<const PieceModel>(TrainPieces(15));
  const Units units(LetterCase::kLower, model);
  EXPECT_EQ(units.names().size(), 15u);  // the blank in the place of the unknown piece
  const std::string text = "seventeen even nine";
  const Labels labels = units.Encode("SEVENTEEN  even nine");
  EXPECT_LT(labels.size(), text.size());
  EXPECT_EQ(units.Text(labels), text);
  EXPECT_EQ(UnitsText(UnitKind::kPieces, units.names(), labels), text);
  ExpectError(ExitCode::kBadData, "in no piece: \"x\"", [&] { units.Encode("sevenx"); });
}

// A text in one line, as long as SentencePiece's own limit allows and longer.
TEST(Units, PiecesAreLearnedFromLongTexts) {
  std::string text;
  while (text.size() < 20000) text += "seven eleven seventy even seventeen nineteen ";
  bool is_first = true;
  const PieceModel model = PieceModel::Train(
      [&](std::string* next) {
        *next = text;
        return std::exchange(is_first, false);
      },
      15);
  EXPECT_LT(model.Split("seventeen seven").size(), 8U);
}

TEST(Units, PiecesOfTheSameTranscriptsAreTheSameBytes) {
  const PieceModel model = TrainPieces(15);
  EXPECT_EQ(model.bytes(), TrainPieces(15).bytes());
  EXPECT_EQ(PieceModel(model.bytes(), "copy").pieces(), model.pieces());
  ExpectError(ExitCode::kBadData, "is no SentencePiece model",
              [] { PieceModel("rubbish", "x.model"); });
  ExpectError(ExitCode::kUsage, "cannot make 9000 SentencePiece units", [] { TrainPieces(9000); });
}

}  // namespace
}  // namespace lockstep
