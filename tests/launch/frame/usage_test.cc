#include "launch/frame/usage.h"

#include <gtest/gtest.h>

namespace lockstep {
namespace {

// Without a terminal help has 80 columns.
TEST(UsageText, SentencesFlowTogether) {
  EXPECT_EQ(UsageText("Makes a corpus.\nIt may be large.\n  lockstep prepare\nOr more:\n"),
            "Makes a corpus. It may be large.\n  lockstep prepare\nOr more:\n");
}

TEST(UsageText, LongCommandsAreCutBeforeAnOption) {
  EXPECT_EQ(UsageText("  lockstep prepare dna --fasta genome.fa.gz --gff genes.gff3 --train 1-9 "
                      "--out corpus\n"),
            "  lockstep prepare dna --fasta genome.fa.gz --gff genes.gff3 --train 1-9 \\\n"
            "      --out corpus\n");
}

TEST(UsageText, CommandsThatAreCutAlreadyAreCutAnew) {
  EXPECT_EQ(UsageText("  lockstep train \\\n      --run r\n"), "  lockstep train --run r\n");
}

}  // namespace
}  // namespace lockstep
