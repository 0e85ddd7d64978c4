#include "data/speech/manifests/manifest.h"

#include <gmock/gmock.h>

#include <filesystem>

#include "base/error.h"
#include "tests/data/gzip_bytes.h"
#include "tests/data/speech/manifests/manifest_fixture.h"
#include "tests/support/expect_error.h"

namespace lockstep {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

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
  EXPECT_THAT(read[6].problem,
              HasSubstr("the text is no UTF-8: byte 0xe9; convert its file, for example with "
                        "`iconv -f ISO-8859-1 -t UTF-8 FILE > NEW`"));
}

TEST_F(Manifest, AChannelIsANumberOrMix) {
  const auto read = Read(Write("m.jsonl",
                               "{\"audio_filepath\": \"a\", \"text\": \"\", \"channel\": \"mix\"}\n"
                               "{\"audio_filepath\": \"b\", \"text\": \"\", \"channel\": \"3\"}\n"
                               "{\"audio_filepath\": \"c\", \"text\": \"\", \"channel\": null}\n"
                               "{\"audio_filepath\": \"d\", \"text\": \"\", \"channel\": -1}\n"
                               "{\"audio_filepath\": \"e\", \"text\": \"\", \"channel\": 1024}\n"));
  ASSERT_EQ(read.size(), 5u);
  EXPECT_EQ(read[0].channel, Utterance::kMixedChannels);
  EXPECT_EQ(read[1].channel, 3);
  EXPECT_EQ(read[2].channel, Utterance::kNoChannel);
  EXPECT_EQ(read[3].problem,
            "\"channel\" is -1, allowed are whole numbers from 0 to 1023 and \"mix\"");
  EXPECT_THAT(read[4].problem, HasSubstr("\"channel\" is 1024"));
  const auto table = Read(Write("m.tsv", "path\ttext\tchannel\na\tx\tmix\nb\tx\t1\nc\tx\tleft\n"));
  ASSERT_EQ(table.size(), 3u);
  EXPECT_EQ(table[0].channel, Utterance::kMixedChannels);
  EXPECT_EQ(table[1].channel, 1);
  EXPECT_EQ(table[2].problem,
            "column \"channel\" is \"left\", allowed are whole numbers from 0 to 1023 and mix");
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

TEST_F(Manifest, LibriSpeechFoldersHaveNoAudioRoot) {
  Write("top/11/1/11-1.trans.txt", "11-1-0 A\n");
  ExpectError(ExitCode::kUsage, "leave out --audio-root", [&] {
    ReadAll({folder_ / "top", "", "/recordings"});
  });
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
  ExpectError(ExitCode::kBadData, "it is text in UTF-16; convert it with `iconv -f UTF-16 -t UTF-8",
              [&] { Read(Write("wide", std::string("\xFF\xFE{\0}\0\n\0", 8))); });
  ExpectError(ExitCode::kMissingInput, "cannot open manifest", [&] { Read(folder_ / "none"); });
  const std::string text = Write("list.txt", "a.wav yes\n");
  ExpectError(ExitCode::kUsage, "name it with --format, one of jsonl librispeech kaldi",
              [&] { Read(text); });
  ExpectError(ExitCode::kUsage, "--format is \"csv\"", [&] { ReadAll({text, "csv", ""}); });
  ExpectError(ExitCode::kUsage, "no wav.scp", [&] { Read(folder_.path()); });
}

}  // namespace
}  // namespace lockstep
