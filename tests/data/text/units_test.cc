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

TEST(Units, SignsThatAreNeverSeenAreLeftOutAndTold) {
  testing::internal::CaptureStderr();
  const std::string text = std::string("a\0b", 3) +
                           "\xC2\xAD"
                           "c\xE2\x80\x8B"
                           "d\xE2\x80\x8E\xEF\xBB\xBF";
  EXPECT_EQ(NormaliseTranscript(text, LetterCase::kAsWritten), "abcd");
  const std::string said = testing::internal::GetCapturedStderr();
  for (const char* name : {"U+0000", "U+00AD", "U+200B", "U+200E", "U+FEFF"})
    EXPECT_NE(said.find(name), said.npos) << name;
  EXPECT_EQ(NormaliseTranscript("a\xE2\x80\x8C"
                                "b",
                                LetterCase::kAsWritten),
            "a\xE2\x80\x8C"
            "b");
}

TEST(Units, UnknownSignsAreShownByTheirNumbers) {
  const Units units(UnitKind::kLetters, LetterCase::kAsWritten, {"a", "|"});
  ExpectError(ExitCode::kBadData, "symbols that are no units: \"z\" \"<U+200C>\"",
              [&] { units.Encode("az\xE2\x80\x8C"); });
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
