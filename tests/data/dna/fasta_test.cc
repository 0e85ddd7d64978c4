#include "data/dna/fasta.h"

#include <gtest/gtest.h>

#include "tests/data/gzip_bytes.h"
#include "tests/support/expect_error.h"
#include "tests/support/temp_folder.h"

namespace lockstep {
namespace {

class Fasta : public testing::Test {
 protected:
  // "name:BASES" of each record.
  std::vector<std::string> Read(const std::string& bytes) {
    Spill(path_, bytes);
    FastaReader reader(path_);
    std::vector<std::string> records;
    for (FastaPiece piece; reader.Next(&piece);) {
      EXPECT_FALSE(piece.codes.empty());
      EXPECT_LE(piece.codes.size(), GzipReader::kPieceBytes);
      if (piece.begins_record) records.push_back(reader.record_name() + ":");
      for (std::uint8_t code : piece.codes) records.back().push_back(kDnaLetters[code]);
    }
    return records;
  }
  void ExpectRefused(const std::string& bytes, const std::string& message) {
    ExpectError(ExitCode::kBadData, path_ + message, [&] { Read(bytes); });
  }
  using Records = std::vector<std::string>;

  TempFolder folder_;
  std::string path_ = folder_ / "g.fa";
};

TEST_F(Fasta, RecordsAreReadWhateverTheLines) {
  const Records expected{"one:ACGTACGT", "two:GGG"};
  EXPECT_EQ(Read(">one first record\nACGTACGT\n>two\nGGG\n"), expected);
  EXPECT_EQ(Read(">one\nA\nCGT\n\nACG\nT\n>two\nGG\nG"), expected);
  EXPECT_EQ(Read(">one\r\nACGT\r\nACGT\r\n>two\tx\r\nGGG\r\n"), expected);
  EXPECT_EQ(Read("\n>one\nACGTACGT\n\n\n>two\nGGG\n\n"), expected);
  EXPECT_EQ(Read(">one\nACGT ACGT \n>two\n  GG\tG\n \n"), expected);
  EXPECT_EQ(Read(GzipBytes(">one\nACGT") + GzipBytes("ACGT\n>t") + GzipBytes("wo\nGGG\n")),
            expected);
}

TEST_F(Fasta, ALoneCarriageReturnEndsALine) {
  const Records expected{"one:ACGTACGT", "two:GGG"};
  EXPECT_EQ(Read(">one\rACGT\rACGT\r>two x\rGGG\r"), expected);
  EXPECT_EQ(Read(">one\rACGT\nACGT\r\n>two\r\rGGG"), expected);
  EXPECT_EQ(Read("\r>one\r\nACGT\rACGT\n\r>two\nG\rG\rG\r"), expected);
  EXPECT_EQ(Read(GzipBytes(">one\r") + GzipBytes("\nACGT\r") + GzipBytes("\nACGT\n>two\nGGG")),
            expected);
}

TEST_F(Fasta, LineEndsAcrossPiecesAreOneEnd) {
  for (std::size_t before = GzipReader::kPieceBytes - 2; before <= GzipReader::kPieceBytes;
       ++before) {
    const std::string name(before / 2, 'x'), bases(before - before / 2 - 2, 'A');
    EXPECT_EQ(Read(">" + name + "\r" + bases + "\r\nC\r\n"), Records{name + ":" + bases + "C"});
    const std::string first(before - 6, 'A');
    EXPECT_EQ(Read(">x\n" + first + "\n>y\r\nC\r\n"), (Records{"x:" + first, "y:C"}));
  }
}

TEST_F(Fasta, MarksAndNamesAreBytes) {
  EXPECT_EQ(Read("\xEF\xBB\xBF>one\nACGT\n"), Records{"one:ACGT"});
  EXPECT_EQ(Read(">caf\xE9 x\nACGT\n"), Records{"caf\xE9:ACGT"});
  ExpectRefused(">caf\xE9\x07\n>x\nA\n", ":1: record \"caf<0xE9><U+0007>\" has no sequence");
}

TEST_F(Fasta, FilesOfAnotherKindAreNamed) {
  for (const std::string& bytes : {std::string(">\0a\0\n\0A\0", 8), std::string("\xFF\xFE>\0", 4)})
    ExpectError(ExitCode::kBadData, "it is text in UTF-16; convert it with `iconv",
                [&] { Read(bytes); });
  ExpectError(ExitCode::kBadData, "an HTML page",
              [&] { Read("<!DOCTYPE html><title>404</title>"); });
}

TEST_F(Fasta, LowerCaseIsTheSameLetterAndAmbiguityIsN) {
  EXPECT_EQ(Read(">x\nacgtACGTnNryswkmbdhvRYSWKMBDHV\n"),
            Records{"x:ACGTACGTNNNNNNNNNNNNNNNNNNNNNN"});
  EXPECT_EQ(Read(">rna\nACGUacgu\n"), Records{"rna:ACGTACGT"});
}

// Lines of 3, 60 and 3 million letters; the pieces of text end anywhere in them.
TEST_F(Fasta, LongRecordsAreReadInPieces) {
  std::string bases;
  for (std::size_t i = 0; i < 3'000'000; ++i) bases.push_back("ACGT"[i * i % 7 % 4]);
  for (std::size_t width : {3u, 60u, 3'000'000u}) {
    for (const char* end : {"\n", "\r\n"}) {
      std::string text = std::string(">long") + end;
      for (std::size_t i = 0; i < bases.size(); i += width) text += bases.substr(i, width) + end;
      ASSERT_EQ(Read(text + ">short" + end + "A" + end), (Records{"long:" + bases, "short:A"}));
    }
  }
}

TEST_F(Fasta, LettersThatAreNoBaseAreNamedWithTheirPlace) {
  ExpectRefused(
      ">x\nACGT\nACGE\n",
      ":3: column 4: \"E\" is no base; allowed are A C G T U and the ambiguity codes N R Y S "
      "W K M B D H V, in upper or lower case");
  ExpectRefused(">x\nAC-T\n", ":2: column 3: \"-\" is no base");
  ExpectRefused(">x\nAC>T\n", ":2: column 3: \">\" is no base");
  ExpectRefused(">x\nAC GT Z\n", ":2: column 7: \"Z\" is no base");
  ExpectRefused(">x\rAC\rGT\rZ\r", ":4: column 1: \"Z\" is no base");
  ExpectRefused(std::string(">x\nAC\0T\n", 8), ":2: column 3: byte 0x00 is no base");
}

TEST_F(Fasta, ColumnsCountAcrossPieces) {
  ExpectRefused(">x\n" + std::string(GzipReader::kPieceBytes + 10, 'A') + "Z\n",
                ":2: column 1048587: \"Z\" is no base");
}

TEST_F(Fasta, SequenceWithoutHeaderIsRefused) {
  ExpectRefused("ACGT\n",
                ":1: sequence before the first header; a FASTA record begins with a line "
                "\">name\"");
  ExpectRefused("\n\nACGT\n>x\nA\n", ":3: sequence before the first header");
}

TEST_F(Fasta, HeaderWithoutSequenceIsRefused) {
  ExpectRefused(">x\nA\n>y\n>z\nA\n",
                ":3: record \"y\" has no sequence; remove its header or add the sequence");
  ExpectRefused(">x\nA\n>y\n\n", ":3: record \"y\" has no sequence");
  ExpectRefused(">x", ":1: record \"x\" has no sequence");
}

TEST_F(Fasta, HeaderWithoutNameIsRefused) {
  ExpectRefused(">\nA\n", ":1: a header without a name; write \">name\"");
  ExpectRefused("> x\nA\n", ":1: a header without a name");
}

TEST_F(Fasta, EmptyFileIsRefused) {
  for (const std::string& empty : {std::string(), std::string("\n\n"), GzipBytes("")}) {
    ExpectRefused(empty, ": holds no FASTA record");
  }
}

}  // namespace
}  // namespace lockstep
