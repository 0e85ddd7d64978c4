#include "data/speech/manifests/kaldi_manifest.h"

#include <gmock/gmock.h>

#include "base/error.h"
#include "data/speech/manifests/line_index.h"
#include "tests/data/gzip_bytes.h"
#include "tests/data/speech/manifests/manifest_fixture.h"
#include "tests/support/expect_error.h"

namespace lockstep {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

using KaldiManifest = Manifest;

TEST_F(KaldiManifest, AFolderWithSegments) {
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

TEST_F(KaldiManifest, Features) {
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

TEST_F(KaldiManifest, RecordingsInsideArchivesAreRefused) {
  Utterance utterance;
  EXPECT_THAT(ParseScpEntry("wavs.ark:12", "", utterance), HasSubstr("inside an archive"));
}

TEST_F(KaldiManifest, LinesOfTheSameWordAreFoundTwice) {
  LineIndex index(Write("scp", "b 1\na  x y \nb 2\nlast"));
  std::string rest;
  EXPECT_EQ(index.Find("a", &rest), 1);
  EXPECT_EQ(rest, "x y");
  EXPECT_EQ(index.Find("b", &rest), 2);
  EXPECT_EQ(index.Find("last", &rest), 1);
  EXPECT_EQ(rest, "");
  EXPECT_EQ(index.Find("c", &rest), 0);
}

TEST_F(KaldiManifest, LinesAreLookedUpWhateverTheirEndsAreAndBehindAMark) {
  LineIndex index(Write("scp",
                        "\xEF\xBB\xBF"
                        "a 1\r\nb 2\rc  " +
                            std::string(300, 'x') + "\r\n\r\nd 4"));
  std::string rest;
  for (const auto& [word, value] : std::vector<std::pair<std::string, std::string>>{
           {"a", "1"}, {"b", "2"}, {"c", std::string(300, 'x')}, {"d", "4"}}) {
    EXPECT_EQ(index.Find(word, &rest), 1) << word;
    EXPECT_EQ(rest, value);
  }
  ExpectError(ExitCode::kBadData, "is compressed, which tables of Kaldi must not be",
              [&] { LineIndex(Write("packed", GzipBytes("a 1\n"))); });
}

TEST_F(KaldiManifest, TablesMayHaveAByteOrderMarkAndAnyLineEnd) {
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

TEST_F(KaldiManifest, TablesThatCannotBeReadAreNamed) {
  Write("k/text", "u1 ONE\n");
  Write("k/wav.scp", GzipBytes("u1 a.wav\n"));
  ExpectError(ExitCode::kBadData, "wav.scp: is compressed", [&] { Read(folder_ / "k"); });
  Write("k/wav.scp", std::string("\xFF\xFEu\0", 4));
  ExpectError(ExitCode::kBadData, "wav.scp: it is text in UTF-16", [&] { Read(folder_ / "k"); });
}

TEST_F(KaldiManifest, AMarkWithinATableIsShown) {
  Write("k/text", "u1 ONE\n\xEF\xBB\xBFu2 TWO\n");
  Write("k/wav.scp", "u1 a.wav\nu2 b.wav\n");
  const auto read = Read(folder_ / "k");
  EXPECT_EQ(read[1].problem, "wav.scp has no line for \"<U+FEFF>u2\"");
}

TEST_F(KaldiManifest, OnlyLinesWithoutATranscriptAreToldAsLeftOut) {
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

}  // namespace
}  // namespace lockstep
