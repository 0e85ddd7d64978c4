#include "launch/tasks/dna/label_genes.h"

#include <gtest/gtest.h>

#include "data/batch/schema.h"

namespace lockstep {
namespace {

std::string Text(const std::vector<Gene>& genes) {
  std::string text;
  for (const Gene& gene : genes) {
    text += std::to_string(gene.begin) + "-" + std::to_string(gene.end) +
            (gene.plus_strand ? "+" : "-") + (gene.open_start ? "(" : "") +
            (gene.open_stop ? ")" : "") + " ";
  }
  return text;
}

// The labels of a codon in the order of the + strand.
void AddCodon(bool plus_strand, CodonKind kind, std::vector<std::int32_t>* labels) {
  for (int i = 0; i < kCodonPositions; ++i)
    labels->push_back(FrameClass(plus_strand, kind, plus_strand ? i : kCodonPositions - 1 - i));
}

void AddGene(bool plus_strand, int inner, std::vector<std::int32_t>* labels) {
  AddCodon(plus_strand, plus_strand ? CodonKind::kStart : CodonKind::kStop, labels);
  for (int i = 0; i < inner; ++i) AddCodon(plus_strand, CodonKind::kInner, labels);
  AddCodon(plus_strand, plus_strand ? CodonKind::kStop : CodonKind::kStart, labels);
}

TEST(GenesOfLabels, GenesOfTheSameStrandThatTouchAreTwo) {
  std::vector<std::int32_t> labels = {kOtherClass};
  AddGene(true, 2, &labels);
  AddGene(true, 1, &labels);
  AddGene(false, 1, &labels);
  AddGene(false, 0, &labels);
  labels.push_back(kIgnoredTarget);
  EXPECT_EQ(Text(GenesOfLabels(BaseLabels::kFrame, labels)), "1-13+ 13-22+ 22-31- 31-37- ");
}

TEST(GenesOfLabels, AGeneWithoutItsStartOrStopIsOpenThere) {
  std::vector<std::int32_t> labels;
  AddGene(true, 2, &labels);
  AddGene(false, 2, &labels);
  const std::vector<std::int32_t> cut(labels.begin() + 4, labels.end() - 4);
  EXPECT_EQ(Text(GenesOfLabels(BaseLabels::kFrame, cut)), "0-8+( 8-16-( ");
  const std::vector<std::int32_t> halves(labels.begin(), labels.begin() + 8);
  EXPECT_EQ(Text(GenesOfLabels(BaseLabels::kFrame, halves)), "0-8+) ");
}

TEST(GenesOfLabels, AFrameThatBreaksBeginsAnotherGene) {
  std::vector<std::int32_t> labels;
  AddCodon(true, CodonKind::kInner, &labels);
  labels.pop_back();
  AddCodon(true, CodonKind::kInner, &labels);
  EXPECT_EQ(Text(GenesOfLabels(BaseLabels::kFrame, labels)), "0-2+() 2-5+() ");
}

TEST(GenesOfLabels, WithStrandsAloneRunsAreGenes) {
  const std::vector<std::int32_t> labels = {1, 1, 0, 2, 2, 1, -1, 2};
  EXPECT_EQ(Text(GenesOfLabels(BaseLabels::kStrand, labels)), "0-2+( 3-5- 5-6+ 7-8-( ");
  EXPECT_EQ(Text(GenesOfLabels(BaseLabels::kStrand, {})), "");
}

}  // namespace
}  // namespace lockstep
