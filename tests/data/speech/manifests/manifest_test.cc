#include "data/speech/manifests/manifest.h"

#include <gmock/gmock.h>

#include <filesystem>

#include "base/error.h"
#include "data/speech/manifests/kaldi_manifest.h"
#include "data/speech/manifests/line_index.h"
#include "data/speech/manifests/manifest_formats.h"
#include "tests/data/gzip_bytes.h"
#include "tests/support/expect_error.h"
#include "tests/support/temp_folder.h"

namespace lockstep {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class Manifest : public testing::Test {
 protected:
  // Writes a file below the folder; returns its path.
  std::string Write(const std::string& name, const std::string& text) {
    const std::filesystem::path path = folder_ / name;
    std::filesystem::create_directories(path.parent_path());
    Spill(path.string(), text);
    return path.string();
  }
  std::vector<Utterance> ReadAll(const ManifestSpec& spec) {
    const auto reader = OpenManifest(spec);
    std::vector<Utterance> utterances;
    for (Utterance utterance; reader->Next(&utterance);) utterances.push_back(utterance);
    remarks_ = reader->Remarks();
    notes_ = reader->Notes();
    return utterances;
  }
  std::vector<Utterance> Read(const std::string& path) { return ReadAll({path, "", ""}); }

  TempFolder folder_;
  std::vector<std::string> remarks_;
  std::vector<std::string> notes_;
};

TEST_F(Manifest, JsonLines) {
  const auto read = Read(Write("m.jsonl",
                               R"({"audio_filepath": "a/x.wav", "text": "yes", "duration": 1.5}

{"audio_filepath": "/b.wav", "offset": 2, "duration": 0.5, "text": "n\u00f6", "speaker": 7,)"
                               R"( "id": "u2", "channel": 1})"));
  ASSERT_EQ(read.size(), 2u);
  EXPECT_EQ(read[0].id, "a/x.wav");
  EXPECT_EQ(read[0].path, folder_ / "a/x.wav");
  EXPECT_EQ(read[0].end_seconds, 1.5);
  EXPECT_EQ(read[0].source, folder_ / "m.jsonl:1");
  EXPECT_EQ(read[1].source, folder_ / "m.jsonl:3");
  EXPECT_EQ(read[1].path, "/b.wav");
  EXPECT_EQ(read[1].begin_seconds, 2);
  EXPECT_EQ(read[1].end_seconds, 2.5);
  EXPECT_EQ(read[1].transcript, "n\xC3\xB6");
  EXPECT_EQ(read[1].speaker, "7");
  EXPECT_EQ(read[1].id, "u2");
  EXPECT_EQ(read[1].channel, 1);
}

TEST_F(Manifest, JsonLinesThatCannotBeUsedAreProblemsAndReadingGoesOn) {
  const auto read = Read(Write("m.jsonl",
                               "{\"audio_filepath\": 3, \"text\": \"a\"}\n{\"text\": \"a\"}\n{\n"
                               "{\"audio_filepath\": \"x\", \"offset\": -1}\n"
                               "{\"audio_filepath\": \"x\", \"id\": \"\"}\n"
                               "{\"audio_filepath\": \"x\", \"text\": \"a\"}\n"
                               "{\"audio_filepath\": \"x\", \"text\": \"caf\xE9\"}\n"));
  ASSERT_EQ(read.size(), 7u);
  EXPECT_EQ(read[0].problem, "\"audio_filepath\" is 3, allowed is text");
  EXPECT_EQ(read[1].problem, "the line has no \"audio_filepath\"");
  EXPECT_THAT(read[2].problem, HasSubstr("the line is no JSON object: column 2: "));
  EXPECT_THAT(read[3].problem, HasSubstr("\"offset\" is -1"));
  EXPECT_EQ(read[4].problem, "\"id\" is empty");
  EXPECT_EQ(read[5].problem, "");
  EXPECT_EQ(read[6].problem, "the text is no UTF-8: byte 0xe9; convert it with iconv");
}

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
  ExpectError(ExitCode::kBadData, "is UTF-16", [&] { Read(wide); });
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

TEST_F(Manifest, PackedFilesAreReadToo) {
  const std::string text = "{\"audio_filepath\": \"x\", \"text\": \"a\"}\n";
  EXPECT_EQ(Read(Write("m.json.gz", GzipBytes(text))).size(), 1u);
}

TEST_F(Manifest, ColumnsBetweenTabs) {
  const auto read = Read(Write("m.tsv",
                               "id\tpath\tnote\ttext\tspeaker\tbegin\tend\n"
                               "a\tx.wav\t?\tone two\tbob\t\t\n"
                               "b\tx.wav\t\tthree\tbob\t0.5\t1.25\n"
                               "c\tx.wav\n"
                               "d\tx.wav\t\tx\ty\tsoon\t\n"));
  ASSERT_EQ(read.size(), 4u);
  EXPECT_EQ(read[0].transcript, "one two");
  EXPECT_EQ(read[0].path, folder_ / "x.wav");
  EXPECT_EQ(read[0].end_seconds, Utterance::kToTheEnd);
  EXPECT_EQ(read[1].begin_seconds, 0.5);
  EXPECT_EQ(read[1].end_seconds, 1.25);
  EXPECT_EQ(read[2].problem, "the line has 2 columns, the header 7");
  EXPECT_EQ(read[3].problem, "column \"begin\" is \"soon\", allowed are seconds, 0 or more");
}

TEST_F(Manifest, CommonVoiceHasItsRecordingsInClips) {
  Write("cv/clips/a.mp3", "");
  const auto read =
      Read(Write("cv/train.tsv", "client_id\tpath\tsentence\tage\ns1\ta.mp3\tHi.\t\n"));
  ASSERT_EQ(read.size(), 1u);
  EXPECT_EQ(read[0].path, folder_ / "cv/clips/a.mp3");
  EXPECT_EQ(read[0].speaker, "s1");
  EXPECT_EQ(read[0].transcript, "Hi.");
  EXPECT_EQ(read[0].id, "a.mp3");
}

TEST_F(Manifest, ColumnsThatAreMissingOrTwice) {
  const std::string none = Write("none.tsv", "id\tpath\n");
  ExpectError(ExitCode::kBadData, "the header has no column for the text", [&] { Read(none); });
  const std::string twice = Write("twice.tsv", "path\ttext\tsentence\n");
  ExpectError(ExitCode::kBadData, "\"text\" and \"sentence\" both give the text",
              [&] { Read(twice); });
}

TEST_F(Manifest, LibriSpeechFolders) {
  Write("top/84/12/84-12.trans.txt", "84-12-0000 GO ON\n84-12-0001 YES\n");
  Write("top/84/12/84-12-0000.flac", "");
  Write("top/7/1/7-1.trans.txt", "7-1-0000 NO\n");
  Write("top/7/1/7-1-0000.wav", "");
  const auto read = Read(folder_ / "top");
  ASSERT_EQ(read.size(), 3u);
  EXPECT_EQ(read[0].id, "7-1-0000");
  EXPECT_EQ(read[0].path, folder_ / "top/7/1/7-1-0000.wav");
  EXPECT_EQ(read[1].speaker, "84");
  EXPECT_EQ(read[1].transcript, "GO ON");
  EXPECT_EQ(read[2].path, folder_ / "top/84/12/84-12-0001.flac");
  EXPECT_EQ(read[2].source, "84/12/84-12.trans.txt:2");
}

TEST_F(Manifest, KaldiFolderWithSegments) {
  Write("k/text", "u1 GO ON\nu2 YES\nu3 NO\nu4 OH\nu5 X\n");
  Write("k/segments", "u1 r1 0.5 2\nu2 r2 1.0 -1 0\nu3 r3 0 1\nu4 r1 2 1x\nu9 r1 0 1\n");
  Write("k/wav.scp", "r1 a/r1.wav\nr2 sph2pipe -f wav x.sph |\n");
  Write("k/utt2spk", "u1 s1\nu2 s2\nu3 s2\nu4 s1\n");
  const auto read = Read(folder_ / "k");
  ASSERT_EQ(read.size(), 5u);
  EXPECT_EQ(read[0].path, folder_ / "k/a/r1.wav");
  EXPECT_EQ(read[0].begin_seconds, 0.5);
  EXPECT_EQ(read[0].end_seconds, 2);
  EXPECT_EQ(read[0].speaker, "s1");
  EXPECT_THAT(read[1].problem, HasSubstr("is a command (\"sph2pipe -f wav x.sph |\"), and commands "
                                         "are never run"));
  EXPECT_EQ(read[2].problem, "wav.scp has no line for \"r3\"");
  EXPECT_THAT(read[3].problem, HasSubstr("segments has \"r1 2 1x\""));
  EXPECT_EQ(read[4].problem, "segments has no line for \"u5\"");
  ASSERT_EQ(remarks_.size(), 1u);
}

TEST_F(Manifest, KaldiFeatures) {
  Write("k/text", "u1 GO\nu2 NO\nu3 NO\n");
  Write("k/feats.scp", "u1 raw.ark:17[2:9]\nu2 raw.ark:99[:,0:12]\nu3 raw.ark:1[x]\n");
  const auto read = Read(folder_ / "k");
  ASSERT_EQ(read.size(), 3u);
  EXPECT_EQ(read[0].kind, UtteranceKind::kArk);
  EXPECT_EQ(read[0].path, folder_ / "k/raw.ark");
  EXPECT_EQ(read[0].ark_offset, 17);
  EXPECT_EQ(read[0].rows, (SliceRange{2, 10}));
  EXPECT_EQ(read[1].rows, (SliceRange{0, -1}));
  EXPECT_EQ(read[1].columns, (SliceRange{0, 13}));
  EXPECT_THAT(read[2].problem, HasSubstr("the range of"));
}

TEST_F(Manifest, RecordingsInsideArchivesAreRefused) {
  Utterance utterance;
  EXPECT_THAT(ParseScpEntry("wavs.ark:12", "", utterance), HasSubstr("inside an archive"));
}

TEST_F(Manifest, LinesOfTheSameWordAreFoundTwice) {
  LineIndex index(Write("scp", "b 1\na  x y \nb 2\nlast"));
  std::string rest;
  EXPECT_EQ(index.Find("a", &rest), 1);
  EXPECT_EQ(rest, "x y");
  EXPECT_EQ(index.Find("b", &rest), 2);
  EXPECT_EQ(index.Find("last", &rest), 1);
  EXPECT_EQ(rest, "");
  EXPECT_EQ(index.Find("c", &rest), 0);
}

TEST_F(Manifest, TablesMayHaveAByteOrderMarkAndAnyLineEnd) {
  for (const char* end : {"\n", "\r\n", "\r"}) {
    const auto table = [&](const std::string& first, const std::string& second) {
      return "\xEF\xBB\xBF" + first + end + second + end;
    };
    Write("k/text", "\xEF\xBB\xBFu1 ONE\nu2 TWO\n");
    Write("k/wav.scp", table("r1 a.wav", "r2 b.wav"));
    Write("k/segments", table("u1 r1 0 1", "u2 r2 0 1"));
    Write("k/utt2spk", table("u1 s1", "u2 s2"));
    const auto read = Read(folder_ / "k");
    ASSERT_EQ(read.size(), 2u);
    EXPECT_EQ(read[0].problem + read[1].problem, "");
    EXPECT_EQ(read[0].speaker + read[1].speaker, "s1s2");
    EXPECT_EQ(read[1].path, folder_ / "k/b.wav");
    EXPECT_THAT(remarks_, IsEmpty());
  }
}

TEST_F(Manifest, TablesThatCannotBeReadAreNamed) {
  Write("k/text", "u1 ONE\n");
  Write("k/wav.scp", GzipBytes("u1 a.wav\n"));
  ExpectError(ExitCode::kBadData, "wav.scp: is compressed", [&] { Read(folder_ / "k"); });
  Write("k/wav.scp", std::string("\xFF\xFEu\0", 4));
  ExpectError(ExitCode::kBadData, "wav.scp: is UTF-16", [&] { Read(folder_ / "k"); });
}

TEST_F(Manifest, AMarkWithinATableIsShown) {
  Write("k/text", "u1 ONE\n\xEF\xBB\xBFu2 TWO\n");
  Write("k/wav.scp", "u1 a.wav\nu2 b.wav\n");
  const auto read = Read(folder_ / "k");
  EXPECT_EQ(read[1].problem, "wav.scp has no line for \"<U+FEFF>u2\"");
}

TEST_F(Manifest, OnlyLinesWithoutATranscriptAreToldAsLeftOut) {
  Write("k/text", "u0 ONE\nu1 TWO\nu2 THREE\n");
  Write("k/wav.scp", "u0 sox x -t wav - |\nu1 a.ark:7\nu2 a.wav\n");
  Write("k/utt2spk", "u0 s\n");
  Read(folder_ / "k");
  EXPECT_THAT(remarks_, IsEmpty());
  Write("k/wav.scp", "u0 a.wav\nmore b.wav\nu1 a.wav\nu2 a.wav\nother b.wav\n");
  Read(folder_ / "k");
  EXPECT_THAT(remarks_, ElementsAre(HasSubstr("wav.scp: 2 of 5 lines have no transcript in")));
  EXPECT_THAT(remarks_[0], HasSubstr("first \"more\""));
  Write("k/segments", "u0 u0 0 x\nu1 u1 0 1\nu2 u2 0 1\n");
  Read(folder_ / "k");
  EXPECT_THAT(remarks_, ElementsAre(HasSubstr("2 of 5 lines have no stretch that is used")));
}

TEST_F(Manifest, LinkedFoldersAreRead) {
  namespace fs = std::filesystem;
  Write("top/11/1/11-1.trans.txt", "11-1-0 ONE\n");
  Write("top/11/1/11-1-0.wav", "");
  Write("elsewhere/12/1/12-1.trans.txt", "12-1-0 TWO\n12-1-1 TWO\n");
  Write("elsewhere/12/1/12-1-0.wav", "");
  fs::create_directory_symlink("../elsewhere/12", folder_ / "top/12");
  auto read = Read(folder_ / "top");
  ASSERT_EQ(read.size(), 3u);
  EXPECT_EQ(read[1].speaker, "12");
  EXPECT_EQ(read[1].path, folder_ / "top/12/1/12-1-0.wav");
  EXPECT_THAT(remarks_, IsEmpty());
  fs::create_directory_symlink("../elsewhere", folder_ / "top/00-twice");
  fs::create_directory_symlink("11", folder_ / "top/10-twice");
  fs::create_directory_symlink("../../top", folder_ / "top/11/loop");
  fs::create_directory_symlink("nowhere", folder_ / "top/broken");
  read = Read(folder_ / "top");
  EXPECT_EQ(read.size(), 3u);
  EXPECT_EQ(remarks_.size(), 4u);
  fs::remove_all(folder_ / "top/11");
  EXPECT_EQ(Read(folder_ / "top").size(), 2u);
}

TEST_F(Manifest, RecordingsWithoutALineAreCounted) {
  Write("top/11/1/11-1.trans.txt", "11-1-0 ONE\n11-1-1 TWO\n");
  for (const char* name : {"11-1-0.wav", "11-1-1.wav", "11-1-2.wav", "11-1-2.flac"}) {
    Write(std::string("top/11/1/") + name, "");
  }
  Write("top/12/1/12-1-0.flac", "");
  EXPECT_EQ(Read(folder_ / "top").size(), 2u);
  EXPECT_THAT(remarks_,
              ElementsAre(HasSubstr("top: 2 of 4 recordings (.flac, .wav) have no line")));
  EXPECT_THAT(remarks_[0], HasSubstr("first " + (folder_ / "top/11/1/11-1-2")));
}

TEST_F(Manifest, SphinxLists) {
  Write("an4/feat/clstk/fash/an1-fash-b.mfc", "");
  Write("an4/etc/t.transcription", "<s> YES </s> (an1-fash-b)\nNO (an3-fash-b)\nNO\n");
  const auto read = Read(Write("an4/etc/t.fileids",
                               "clstk/fash/an1-fash-b\nclstk/fash/an2-fash-b\n"
                               "clstk/fash/an4-fash-b\nclstk/fash/an5-fash-b"));
  ASSERT_EQ(read.size(), 4u);
  EXPECT_EQ(read[0].kind, UtteranceKind::kMfc);
  EXPECT_EQ(read[0].path, folder_ / "an4/etc/../feat/clstk/fash/an1-fash-b.mfc");
  EXPECT_EQ(read[0].transcript, "YES");
  EXPECT_EQ(read[0].speaker, "fash");
  EXPECT_THAT(read[1].problem, HasSubstr("do not go together"));
  EXPECT_THAT(read[2].problem, HasSubstr("does not end with the id"));
  EXPECT_THAT(read[3].problem, HasSubstr("has more lines than"));
}

TEST_F(Manifest, WhatIsNoManifestIsNamed) {
  ExpectError(ExitCode::kMissingInput, "cannot open manifest", [&] { Read(folder_ / "none"); });
  const std::string text = Write("list.txt", "a.wav yes\n");
  ExpectError(ExitCode::kUsage, "name it with --format, one of jsonl librispeech kaldi",
              [&] { Read(text); });
  ExpectError(ExitCode::kUsage, "--format is \"csv\"", [&] { ReadAll({text, "csv", ""}); });
  ExpectError(ExitCode::kUsage, "no wav.scp", [&] { Read(folder_.path()); });
}

}  // namespace
}  // namespace lockstep
