#include "base/file_kind.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "tests/support/expect_error.h"

namespace lockstep {
namespace {

std::string KindOf(const std::string& bytes) { return std::string(FileKindOf(bytes).name); }
std::string WideKindOf(const std::string& bytes) { return std::string(WideTextKindOf(bytes).name); }

TEST(FileKind, PackedFilesAreNamedByTheirFirstBytes) {
  EXPECT_EQ(KindOf(std::string("\xFD\x37zXZ\0\0", 7)), "compressed with xz");
  EXPECT_EQ(KindOf("BZh61AY&SYabc"), "compressed with bzip2");
  EXPECT_EQ(KindOf("BZh9\x17\x72\x45\x38\x50\x90"), "compressed with bzip2");
  EXPECT_EQ(KindOf("\x28\xB5\x2F\xFDzz"), "compressed with zstd");
  EXPECT_EQ(KindOf("PK\x03\x04zz").substr(0, 13), "a zip archive");
  EXPECT_EQ(KindOf(std::string(257, 'a') + "ustar"), "a tar archive");
}

TEST(FileKind, WhatServersGiveInsteadOfAFileIsNamed) {
  for (const char* page : {"<!DOCTYPE html>", "\n <html lang=en>", "\xEF\xBB\xBF<HTML>"}) {
    EXPECT_EQ(KindOf(page).substr(0, 12), "an HTML page") << page;
  }
  EXPECT_EQ(KindOf("version https://git-lfs.github.com/spec/v1\noid sha256:0\n").substr(0, 20),
            "a pointer of Git LFS");
}

TEST(FileKind, TextIsNoKind) {
  for (const char* text : {"", "P", ">chr1\nACGT\n", "##gff-version 3\n", "BZh9 is a word",
                           "<s>\t-1", "PK is a word", "version https://", "<htm", "caf\xC3\xA9"}) {
    EXPECT_EQ(KindOf(text), "") << text;
    EXPECT_EQ(WideKindOf(text), "") << text;
  }
}

TEST(FileKind, WideTextIsNamedWithAndWithoutAMark) {
  EXPECT_EQ(WideKindOf(std::string("\xFF\xFEh\0", 4)), "text in UTF-16");
  EXPECT_EQ(WideKindOf(std::string("\xFE\xFF\0h", 4)), "text in UTF-16");
  EXPECT_EQ(WideKindOf(std::string("h\0i\0", 4)), "text in UTF-16");
  EXPECT_EQ(WideKindOf(std::string("\0h\0i", 4)), "text in UTF-16");
  EXPECT_EQ(WideKindOf(std::string("\xFF\xFE\0\0h\0\0\0", 8)), "text in UTF-32");
  EXPECT_EQ(WideKindOf(std::string("a\0b", 3)), "");
  EXPECT_EQ(WideKindOf(std::string("a\0bb", 4)), "");
}

TEST(FileKind, TheMessageHoldsWhatToType) {
  ExpectError(
      ExitCode::kBadData,
      "cannot read g.fa: it is text in UTF-16; convert it with `iconv -f UTF-16 -t UTF-8 g.fa",
      [] { RefuseKind("g.fa", WideTextKindOf(std::string("\xFF\xFEh\0", 4))); });
  EXPECT_NO_THROW(RefuseKind("g.fa", {}));
}

TEST(FileKind, NamesInWhatToTypeAreQuotedForTheShell) {
  ExpectError(ExitCode::kBadData, "unpack it with `unxz < 'my $(reboot).xz' > FILE`",
              [] { RefuseKind("my $(reboot).xz", FileKindOf(std::string("\xFD\x37zXZ\0\0", 7))); });
}

TEST(FileKind, PackedWideTextIsUnpackedFirst) {
  const std::string text("\xFF\xFEh\0", 4);
  ExpectError(ExitCode::kBadData,
              "it is text in UTF-16; convert it with `zcat g.fa | iconv -f UTF-16 -t UTF-8 > FILE`",
              [&] { RefuseWideText("g.fa", true, text); });
  ExpectError(ExitCode::kBadData, "`iconv -f UTF-16 -t UTF-8 g.fa > FILE`",
              [&] { RefuseWideText("g.fa", false, text); });
  EXPECT_NO_THROW(RefuseWideText("g.fa", true, std::string("text")));
}

}  // namespace
}  // namespace lockstep
