// Fields of JSON lines and tables under the names of many tools, and files in other forms.
#include "data/speech/manifests/manifest_fields.h"

#include "base/error.h"
#include "tests/data/speech/manifests/manifest_fixture.h"
#include "tests/support/expect_error.h"

namespace lockstep {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST_F(Manifest, JsonLinesWithoutATextAreProblems) {
  const auto read = Read(Write("m.jsonl",
                               "{\"audio_filepath\": \"a\", \"text\": \"\"}\n"
                               "{\"audio_filepath\": \"b\"}\n"
                               "{\"audio_filepath\": \"c\", \"text\": null}\n"
                               "{\"audio_filepath\": \"d\", \"text\": 7}\n"
                               "{\"audio_filepath\": \"e\", \"text\": [\"x\"]}\n"));
  ASSERT_EQ(read.size(), 5u);
  EXPECT_EQ(read[0].problem, "");
  EXPECT_THAT(read[1].problem,
              HasSubstr("the line has no \"text\"; an utterance that is meant to be "
                        "without words has \"text\": \"\""));
  EXPECT_THAT(read[2].problem, HasSubstr("\"text\" is null"));
  EXPECT_EQ(read[3].problem, "\"text\" is 7, allowed is text");
  EXPECT_EQ(read[4].problem, "\"text\" is [\"x\"], allowed is text");
}

TEST_F(Manifest, NamesOfOtherToolsAreTaken) {
  const auto wenet = Read(Write(
      "w.jsonl",
      "{\"key\": \"a\", \"wav\": \"x.wav\", \"txt\": \"one\", \"start\": 1, \"end\": 2.5}\n"));
  ASSERT_EQ(wenet.size(), 1u);
  EXPECT_EQ(wenet[0].id, "a");
  EXPECT_EQ(wenet[0].transcript, "one");
  EXPECT_EQ(wenet[0].begin_seconds, 1);
  EXPECT_EQ(wenet[0].end_seconds, 2.5);
  const auto other = Read(Write("m.jsonl",
                                "{\"audio\": \"x.wav\", \"sentence\": \"two\", \"speaker_id\": 3, "
                                "\"start_time\": 1, \"duration\": 1}\n"));
  EXPECT_EQ(other[0].speaker, "3");
  EXPECT_EQ(other[0].end_seconds, 2);
  const auto rows = Read(Write("m.tsv",
                               "utt_id\tfile\ttranscription\toffset\tduration\n"
                               "a\tx.wav\tone\t1\t1.5\nb\tx.wav\ttwo\t\t\n"));
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].end_seconds, 2.5);
  EXPECT_EQ(rows[1].end_seconds, Utterance::kToTheEnd);
}

TEST_F(Manifest, ListsOfTwoToolsInOneFileAreProblems) {
  const auto read =
      Read(Write("m.jsonl",
                 "{\"audio_filepath\": \"x\", \"text\": \"one\"}\n"
                 "{\"audio_filepath\": \"x\", \"transcript\": \"two\"}\n"
                 "{\"path\": \"x\", \"text\": \"three\"}\n"
                 "{\"path\": \"x\", \"text\": \"same\", \"audio_filepath\": \"x\"}\n"));
  EXPECT_EQ(read[0].problem, "");
  EXPECT_THAT(read[1].problem,
              HasSubstr("the line has no \"text\", as earlier lines have, but \"transcript\""));
  EXPECT_THAT(read[2].problem, HasSubstr("the line has no \"audio_filepath\""));
  EXPECT_EQ(read[3].problem, "");
}

TEST_F(Manifest, NamesThatLookLikeFieldsAreRefused) {
  for (const char* name : {"Text", "texts", "transcripts"}) {
    const auto read =
        Read(Write("m.jsonl", fmt::format("{{\"path\": \"x\", \"{}\": \"a\"}}", name)));
    EXPECT_THAT(read[0].problem, HasSubstr("looks like \"text\"")) << name;
  }
  for (const char* name : {"start_ms", "Start", "begin_sec", "offset_samples", "starts"}) {
    const auto read = Read(
        Write("m.jsonl", fmt::format("{{\"path\": \"x\", \"text\": \"a\", \"{}\": 1}}", name)));
    EXPECT_THAT(read[0].problem, HasSubstr("looks like \"begin\"")) << name;
    const std::string table = Write("m.tsv", fmt::format("path\ttext\t{}\nx\ta\t1\n", name));
    ExpectError(ExitCode::kBadData, "m.tsv:1: the field", [&] { Read(table); });
  }
}

TEST_F(Manifest, FieldsThatContradictEachOtherAreProblems) {
  const auto read = Read(
      Write("m.jsonl",
            "{\"path\": \"x\", \"text\": \"a\", \"transcript\": \"b\"}\n"
            "{\"path\": \"x\", \"text\": \"a\", \"start\": 1, \"duration\": 2, \"end\": 4}\n"
            "{\"path\": \"x\", \"text\": \"a\", \"start\": 1, \"duration\": 2, \"end\": 3.01}\n"
            "{\"path\": \"x\", \"text\": \"a\", \"text\": \"b\"}\n"));
  EXPECT_THAT(read[0].problem, HasSubstr("\"text\" and \"transcript\" both give the text"));
  EXPECT_THAT(read[1].problem, HasSubstr("end at 3 s, but the end is given as 4 s"));
  EXPECT_EQ(read[2].problem, "");
  EXPECT_EQ(read[3].problem, "the line has \"text\" twice");
}

TEST_F(Manifest, FieldsOfNoUseAreCounted) {
  Read(Write("m.jsonl",
             "{\"path\": \"x\", \"text\": \"a\", \"lang\": \"de\"}\n"
             "{\"path\": \"y\", \"text\": \"a\", \"lang\": \"de\", \"snr\": 3}\n"));
  EXPECT_THAT(notes_, ElementsAre(HasSubstr("not used: \"lang\" (2 lines), \"snr\" (1 line)")));
  Read(Write("m.tsv", "path\ttext\tage\tgender\nx\ta\t1\tf\n"));
  EXPECT_THAT(notes_, ElementsAre(HasSubstr("columns that are not used: \"age\", \"gender\"")));
}

TEST_F(Manifest, WhatJsonDoesNotAllowIsShownWithItsColumn) {
  const auto read = Read(Write("m.jsonl",
                               "{\"path\": \"x\", \"text\": \"a\"}\n"
                               "{\"path\": \"u\u00e9.wav\", \"text\": \"a\", \"duration\": NaN}\n"
                               "{\"path\": \"x\", \"text\": \"a\",}\n"
                               "{'path': 'x'}\n"
                               "[1]\n"
                               "{\"path\": \"x\", \"text\": \"a\", \"duration\": -Infinity}\n"
                               "{\"path\": \"x\", \"text\": \"a\"} x\n"));
  ASSERT_EQ(read.size(), 7u);
  EXPECT_THAT(read[1].problem, HasSubstr("column 45: JSON has no NaN; leave the field out"));
  EXPECT_THAT(read[2].problem, HasSubstr("column 27: unexpected"));
  EXPECT_THAT(read[2].problem, HasSubstr("at \"}\""));
  EXPECT_THAT(read[3].problem, HasSubstr("column 2: "));
  EXPECT_EQ(read[4].problem, "the line is no JSON object, but array");
  EXPECT_THAT(read[5].problem, HasSubstr("JSON has no Infinity"));
  EXPECT_THAT(read[6].problem, HasSubstr("column 28: "));
}

TEST_F(Manifest, JsonInOtherFormsIsNamed) {
  const std::string array = Write("a.json", "\n[{\"path\": \"x\", \"text\": \"a\"}]\n");
  ExpectError(ExitCode::kBadData, "a.json:2: the file is a JSON array", [&] { Read(array); });
  const std::string pretty = Write("p.json", "{\n  \"path\": \"x\"\n}\n");
  ExpectError(ExitCode::kBadData, "p.json:1: the JSON object does not end on its line",
              [&] { Read(pretty); });
  const std::string wide = Write("w.jsonl", std::string("\xFF\xFE{\0\"\0", 6));
  ExpectError(ExitCode::kBadData, "is text in UTF-16", [&] { Read(wide); });
  const std::string commas = Write("c.csv", "wav_filename,transcript\n");
  ExpectError(ExitCode::kUsage, "has commas, but columns are divided by tabs",
              [&] { Read(commas); });
}

TEST_F(Manifest, QuotationMarksAroundCellsAreTold) {
  const auto read =
      Read(Write("m.tsv", "path\ttext\tnote\nx\tone\t\"q\"\ny\t\"two\"\t\nz\t\"\"\t\n"));
  EXPECT_EQ(read[1].transcript, "\"two\"");
  EXPECT_THAT(remarks_,
              ElementsAre(HasSubstr("m.tsv: 2 cells begin and end in quotation marks, the "
                                    "first in line 3; they are taken as they stand")));
  Read(Write("m.tsv", "path\ttext\nx\tsay \"one\" now\ny\t\"\n"));
  EXPECT_THAT(remarks_, IsEmpty());
}

// As predict reads them: the recordings are to be transcribed.
TEST_F(Manifest, TranscriptsMayLackWhereNoneAreNeeded) {
  const auto ids = [&](const std::string& path) {
    std::string found;
    const auto reader =
        OpenManifest({.path = path, .format = "", .audio_root = "", .needs_transcripts = false});
    for (Utterance utterance; reader->Next(&utterance);) {
      EXPECT_EQ(utterance.problem, "") << path;
      found += utterance.id + " ";
    }
    return found;
  };
  EXPECT_EQ(ids(Write("p.tsv", "path\na.wav\nb.wav\n")), "a.wav b.wav ");
  EXPECT_EQ(ids(Write("p.jsonl",
                      "{\"audio_filepath\": \"a.wav\"}\n"
                      "{\"audio_filepath\": \"b.wav\", \"text\": null, \"id\": null}\n")),
            "a.wav b.wav ");
  Write("k/wav.scp", "u1 a.wav\nu2 b.wav\n");
  EXPECT_EQ(ids(folder_ / "k"), "u1 u2 ");
  Write("k/segments", "s1 u1 0 1\ns2 u1 1 2\n");
  EXPECT_EQ(ids(folder_ / "k"), "s1 s2 ");
}

TEST_F(Manifest, NumbersThatAreTooLargeAndNulAreProblemsOfTheirLines) {
  const auto read = Read(Write("n.jsonl",
                               "{\"audio_filepath\": \"a.wav\", \"text\": \"x\", \"n\": 1e999}\n"
                               "{\"audio_filepath\": \"a\\u0000b\", \"text\": \"x\"}\n"));
  EXPECT_THAT(read[0].problem, HasSubstr("a number that is too large"));
  EXPECT_THAT(read[1].problem, HasSubstr("\"a<U+0000>b\" holds U+0000"));
}

}  // namespace
}  // namespace lockstep
