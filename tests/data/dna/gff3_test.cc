#include "data/dna/gff3.h"

#include <gtest/gtest.h>

#include "tests/data/gzip_bytes.h"
#include "tests/support/expect_error.h"
#include "tests/support/temp_folder.h"

namespace lockstep {
namespace {

class Gff3 : public testing::Test {
 protected:
  std::vector<Gff3Row> Read(const std::string& bytes) {
    Spill(path_, bytes);
    Gff3Reader reader(path_);
    std::vector<Gff3Row> rows;
    for (Gff3Row row; reader.Next(&row);) rows.push_back(row);
    return rows;
  }
  void ExpectRefused(const std::string& row, const std::string& message) {
    ExpectError(ExitCode::kBadData, path_ + ":2: " + message,
                [&] { Read("##gff-version 3\n" + row + "\n"); });
  }

  TempFolder folder_;
  std::string path_ = folder_ / "g.gff";
};

TEST_F(Gff3, RowsAreReadPastCommentsUpToFasta) {
  const std::string text =
      "##gff-version 3\n# comment\n\nchr1\tsrc\tCDS\t5\t10\t.\t+\t0\tID=a\r\n"
      "chr2\tsrc\tgene\t7\t7\t1e-3\t-\t.\t.\n##FASTA\n>chr1\nACGT\n";
  for (const std::string& bytes : {text, GzipBytes(text)}) {
    const std::vector<Gff3Row> rows = Read(bytes);
    ASSERT_EQ(rows.size(), 2u);
    EXPECT_EQ(rows[0].seqid, "chr1");
    EXPECT_EQ(rows[0].type, "CDS");
    EXPECT_EQ(rows[0].start, 5);
    EXPECT_EQ(rows[0].end, 10);
    EXPECT_EQ(rows[0].strand, '+');
    EXPECT_EQ(rows[0].line, 4);
    EXPECT_EQ(rows[1].start, rows[1].end);
    EXPECT_EQ(rows[1].strand, '-');
    EXPECT_EQ(rows[1].line, 5);
  }
}

TEST_F(Gff3, EscapesInNamesAreUndone) {
  const auto rows = Read("a%20b%3D%zz%4\tsrc\tCDS\t1\t2\t.\t+\t0\t.\n");
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].seqid, "a b=%zz%4");
}

TEST_F(Gff3, WrongRowsAreNamedWithTheirLine) {
  ExpectRefused("chr1\tsrc\tCDS\t5", "a row of 4 columns, GFF3 has 9 separated by tabs");
  ExpectRefused("chr1 src CDS 5 10 . + 0 .", "a row of 1 columns");
  ExpectRefused("c\ts\tCDS\t10\t5\t.\t+\t0\t.",
                "start 10 is behind end 5; in GFF3 start <= end on both strands");
  ExpectRefused("c\ts\tCDS\t0\t5\t.\t+\t0\t.", "start \"0\", allowed are whole numbers from 1");
  ExpectRefused("c\ts\tCDS\t-3\t5\t.\t+\t0\t.", "start \"-3\", allowed");
  ExpectRefused("c\ts\tCDS\t1\t5x\t.\t+\t0\t.", "end \"5x\", allowed");
  ExpectRefused("c\ts\tCDS\t1\t99999999999999999999\t.\t+\t0\t.", "end \"99999999999999999999\"");
  ExpectRefused("c\ts\tCDS\t1\t5\t.\tx\t0\t.", "strand \"x\", allowed are + - . ?");
  ExpectRefused("c\ts\tCDS\t1\t5\t.\t\t0\t.", "strand \"\", allowed are + - . ?");
}

TEST_F(Gff3, RegionsAreKept) {
  Spill(path_,
        "\xEF\xBB\xBF##gff-version 3\r##sequence-region  c%201 1 20\r##sequence-region d 5\r"
        "c 1\ts\tCDS\t1\t2\t.\t+\t0\t.\r");
  Gff3Reader reader(path_);
  Gff3Row row;
  EXPECT_TRUE(reader.Next(&row));
  EXPECT_EQ(row.line, 4);
  ASSERT_EQ(reader.regions().size(), 2u);
  EXPECT_EQ(reader.regions()[0].seqid, "c 1");
  EXPECT_EQ(reader.regions()[0].end, 20);
  EXPECT_EQ(reader.regions()[1].end, 0);
  EXPECT_EQ(reader.regions()[1].line, 3);
}

TEST_F(Gff3, RowsOfGff2MayEndBeforeTheAttributes) {
  EXPECT_EQ(Read("##gff-version 2\nc\ts\tCDS\t1\t2\t.\t+\t0\n").size(), 1u);
  ExpectRefused("c\ts\tCDS\t1\t2\t.\t+\t0", "a row of 8 columns");
}

TEST_F(Gff3, TypesOfCodingSequencesAreKnown) {
  for (const char* type : {"CDS", "cds", "Cds", "SO:0000316", "coding_sequence"})
    EXPECT_TRUE(IsCdsType(type)) << type;
  for (const char* type : {"gene", "CDSs", "", "SO:0000704", "stop_codon"})
    EXPECT_FALSE(IsCdsType(type)) << type;
}

TEST_F(Gff3, AttributesTellFormAndCircle) {
  Gff3Row row;
  for (const char* text :
       {"gene_id \"a\"; transcript_id \"b\";", " gene_id \"a=b\"", "transcript_id t.1;"}) {
    row.attributes = text;
    EXPECT_TRUE(HasGtfAttributes(row)) << text;
  }
  for (const char* text : {"ID=a;Note=\"x\"", ".", "", "ID=a b \"c\""}) {
    row.attributes = text;
    EXPECT_FALSE(HasGtfAttributes(row)) << text;
  }
  row.attributes = "ID=x; Is_circular=true";
  EXPECT_TRUE(SaysCircular(row));
  row.attributes = "ID=Is_circular=true;Is_circular=false";
  EXPECT_FALSE(SaysCircular(row));
}

}  // namespace
}  // namespace lockstep
