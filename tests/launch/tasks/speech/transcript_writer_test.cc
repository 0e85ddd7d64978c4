#include "launch/tasks/speech/transcript_writer.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "base/json_text.h"
#include "tests/support/expect_error.h"
#include "tests/support/temp_folder.h"

namespace lockstep {
namespace {

Transcript TwoWords() {
  CtcHypothesis best;
  best.words = {{"the", 10, 19, 0.5}, {"cat", 25, 25, 0.98765}};
  best.acoustic = -1.5;
  best.language = -4;
  best.total = -2.25;
  CtcHypothesis other;
  other.words = {{"that", 10, 25, 0.25}};
  other.total = -3;
  return {"s1-u2", 0.5, 0.02, {best, other}};
}

Transcript NoWords() { return {"s1-u3", 0, 0.02, {CtcHypothesis{}}}; }

std::string Written(TranscriptFormat format, const std::vector<Transcript>& transcripts) {
  const TempFolder folder;
  TranscriptWriter writer(folder / "out", format);
  for (const Transcript& transcript : transcripts) writer.Add(transcript);
  EXPECT_FALSE(std::filesystem::exists(folder / "out"));
  writer.Finish();
  return Slurp(folder / "out");
}

TEST(TranscriptWriter, TextHasTheIdInFront) {
  EXPECT_EQ(Written(TranscriptFormat::kText, {TwoWords(), NoWords()}), "s1-u2 the cat\ns1-u3\n");
}

TEST(TranscriptWriter, TellsWhichIdsAFormatCannotHold) {
  const TempFolder folder;
  const TranscriptWriter ctm(folder / "ctm", TranscriptFormat::kCtm);
  const TranscriptWriter trn(folder / "trn", TranscriptFormat::kTrn);
  const TranscriptWriter jsonl(folder / "jsonl", TranscriptFormat::kJsonl);
  for (const char* id : {"", "a b", "a\tb"}) {
    EXPECT_TRUE(ctm.WhyNot(id) && trn.WhyNot(id)) << id;
    EXPECT_FALSE(jsonl.WhyNot(id)) << id;
  }
  EXPECT_TRUE(trn.WhyNot("a(b)"));
  EXPECT_FALSE(ctm.WhyNot("a(b)"));
  EXPECT_FALSE(trn.WhyNot("a-b"));
}

TEST(TranscriptWriter, TrnHasTheIdBehind) {
  EXPECT_EQ(Written(TranscriptFormat::kTrn, {TwoWords(), NoWords()}), "the cat (s1-u2)\n(s1-u3)\n");
}

TEST(TranscriptWriter, CtmHasAWordALineWithStartAndDuration) {
  EXPECT_EQ(Written(TranscriptFormat::kCtm, {TwoWords(), NoWords()}),
            "s1-u2 1 0.700 0.200 the 0.5000\ns1-u2 1 1.000 0.020 cat 0.9877\n");
}

TEST(TranscriptWriter, JsonlHoldsWordsAndHypotheses) {
  const auto line = ParseJson(Written(TranscriptFormat::kJsonl, {TwoWords()}));
  EXPECT_EQ(line["id"], "s1-u2");
  EXPECT_EQ(line["text"], "the cat");
  EXPECT_EQ(line["words"][1]["word"], "cat");
  EXPECT_NEAR(line["words"][1]["start"].get<double>(), 1.0, 1e-12);
  EXPECT_NEAR(line["words"][1]["end"].get<double>(), 1.02, 1e-12);
  EXPECT_EQ(line["words"][0]["confidence"], 0.5);
  EXPECT_EQ(line["hypotheses"].size(), 2u);
  EXPECT_EQ(line["hypotheses"][0]["language"], -4);
  EXPECT_EQ(line["hypotheses"][1]["text"], "that");
}

TEST(TranscriptWriter, JsonlSurvivesTextThatIsNoUtf8) {
  Transcript transcript = NoWords();
  transcript.utterance = "bad\xff id \"quoted\"";
  const auto line = ParseJson(Written(TranscriptFormat::kJsonl, {transcript}));
  EXPECT_EQ(line["id"], "bad\uFFFD id \"quoted\"");
  EXPECT_TRUE(line["words"].is_array());
}

TEST(TranscriptWriter, LabelsAndIdsThatWouldForgeLinesOrWordsAreShown) {
  Transcript transcript = TwoWords();
  transcript.hypotheses[0].words[1].text = "c\na t\x1b";
  transcript.utterance = "s1\x07";
  EXPECT_EQ(Written(TranscriptFormat::kText, {transcript}),
            "s1<U+0007> the c<U+000A>a t<U+001B>\n");
  EXPECT_EQ(Written(TranscriptFormat::kTrn, {transcript}),
            "the c<U+000A>a t<U+001B> (s1<U+0007>)\n");
  EXPECT_EQ(Written(TranscriptFormat::kCtm, {transcript}),
            "s1<U+0007> 1 0.700 0.200 the 0.5000\n"
            "s1<U+0007> 1 1.000 0.020 c<U+000A>a<U+0020>t<U+001B> 0.9877\n");
  const auto line = ParseJson(Written(TranscriptFormat::kJsonl, {transcript}));
  EXPECT_EQ(line["words"][1]["word"], "c\na t\x1b");
}

TEST(TranscriptWriter, IdsThatToolsWouldSplitAreRefused) {
  Transcript transcript = TwoWords();
  for (const char* id : {"", "two words", "tab\tid"}) {
    transcript.utterance = id;
    for (const auto format :
         {TranscriptFormat::kText, TranscriptFormat::kCtm, TranscriptFormat::kTrn}) {
      ExpectError(ExitCode::kBadData, "no spaces", [&] { Written(format, {transcript}); });
    }
  }
  transcript.utterance = "u(2)";
  ExpectError(ExitCode::kBadData, "utterance \"u(2)\"",
              [&] { Written(TranscriptFormat::kTrn, {transcript}); });
}

TEST(TranscriptWriter, AnExistingFileIsNotReplaced) {
  const TempFolder folder;
  Spill(folder / "out", "kept");
  ExpectError(ExitCode::kCannotCreate, "out",
              [&] { TranscriptWriter(folder / "out", TranscriptFormat::kCtm); });
  EXPECT_EQ(Slurp(folder / "out"), "kept");
}

TEST(TranscriptWriter, FormatsAreKnownByName) {
  EXPECT_EQ(ParseTranscriptFormat("ctm"), TranscriptFormat::kCtm);
  ExpectError(ExitCode::kUsage, "text, trn, ctm and jsonl", [] { ParseTranscriptFormat("xml"); });
}

}  // namespace
}  // namespace lockstep
