#include "data/protein/letter_fasta.h"

#include <gtest/gtest.h>

#include "tests/data/gzip_bytes.h"
#include "tests/support/expect_error.h"
#include "tests/support/temp_folder.h"

namespace lockstep {
namespace {

class LetterFastaTest : public testing::Test {
 protected:
  std::vector<LetterRecord> Read(const std::string& text) {
    Spill(folder_ / "f.fa", text);
    LetterFasta fasta(folder_ / "f.fa");
    std::vector<LetterRecord> records;
    for (LetterRecord record; fasta.Next(&record);) records.push_back(record);
    LetterRecord after_the_end;
    EXPECT_FALSE(fasta.Next(&after_the_end));
    return records;
  }
  void ExpectRefused(const std::string& text, const std::string& message) {
    ExpectError(ExitCode::kBadData, folder_ / "f.fa" + message, [&] { Read(text); });
  }

  TempFolder folder_;
};

TEST_F(LetterFastaTest, RecordsHaveNamesDescriptionsAndLettersOfAllLines) {
  const auto found = Read("\n>a SET=train  x\nHH E\n\n__1\n>b\r\nC\r\n");
  ASSERT_EQ(found.size(), 2);
  EXPECT_EQ(found[0].name, "a");
  EXPECT_EQ(found[0].description, "SET=train  x");
  EXPECT_EQ(found[0].line, 2);
  EXPECT_EQ(found[0].letters, "HHE__1");
  EXPECT_EQ(found[1].name, "b");
  EXPECT_EQ(found[1].description, "");
  EXPECT_EQ(found[1].line, 6);
  EXPECT_EQ(found[1].letters, "C");
}

TEST_F(LetterFastaTest, GzipIsReadAlike) {
  const auto found = Read(GzipBytes(">a\nMK\n"));
  ASSERT_EQ(found.size(), 1);
  EXPECT_EQ(found[0].letters, "MK");
}

TEST_F(LetterFastaTest, WhatIsNoFastaIsRefused) {
  ExpectRefused("", ": holds no FASTA record");
  ExpectRefused("MK\n>a\nMK\n", ":1: letters before the first header");
  ExpectRefused(">\nMK\n", ":1: a header without a name");
  ExpectRefused("> a\nMK\n", ":1: a header without a name");
  ExpectRefused(">a\n>b\nMK\n", ":1: record \"a\" has no letters");
  ExpectRefused(">a\nMK\n>b\n", ":3: record \"b\" has no letters");
}

}  // namespace
}  // namespace lockstep
