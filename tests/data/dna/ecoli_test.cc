// The genome of Escherichia coli K-12 MG1655 (NCBI GCF_000005845.2), whose figures are published: 4
// 641 652 bases; 4 337 CDS rows counted with zcat and awk in the GFF file.
#include <gtest/gtest.h>

#include <filesystem>
#include <numeric>

#include "data/corpus/shard_reader.h"
#include "data/dna/dna.h"
#include "tests/support/temp_folder.h"

namespace lockstep {
namespace {

TEST(Ecoli, HasThePublishedFigures) {
  const std::string stem = std::string(LOCKSTEP_SOURCE_DIR) +
                           "/../shared/data/dna/ecoli-k12/GCF_000005845.2_ASM584v2_genomic";
  DnaOptions options;
  options.files.fastas = {stem + ".fna.gz"};
  options.files.gffs = {stem + ".gff.gz"};
  if (!std::filesystem::exists(options.files.fastas[0])) {
    GTEST_SKIP() << "The E. coli genome is not at " << options.files.fastas[0] << ".";
  }
  const TempFolder folder;
  options.out = folder / "corpus";
  const DnaSummary summary = PrepareDna(options);
  EXPECT_EQ(summary.records, 1);
  EXPECT_EQ(summary.bases, 4641652);
  EXPECT_EQ(summary.annotation.cds_rows, 4337);
  EXPECT_EQ(summary.n_bases, 0);
  EXPECT_EQ(summary.unused_bases, 0);
  EXPECT_EQ(summary.conflict_bases, 2994);
  Index coding = 0, bases = 0;
  for (const auto& [name, split] : summary.info.splits) {
    coding += split.label_counts[1] + split.label_counts[2];
    bases += std::accumulate(split.label_counts.begin(), split.label_counts.end(), Index{0});
    for (const ShardInfo& shard : split.shards) VerifyShard(options.out, summary.info, shard);
  }
  EXPECT_EQ(bases, 4641652);
  EXPECT_NEAR(static_cast<double>(coding) / static_cast<double>(bases), 0.862, 0.001);
}

}  // namespace
}  // namespace lockstep
