// The summary that the importer of labelled texts shows to the user at the end.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "base/types.h"
#include "data/text/text_plan.h"

namespace lockstep {

struct TextSummary {
  struct Split {
    std::vector<Index> rows;  // by class
    Index tokens = 0;
    Index unknown = 0;  // tokens with the unknown id
    Index longest = 0;  // tokens of the longest text
    // The number of rows whose text (after the rules) also occurs in the training split.
    Index in_train = 0;
    Index total() const;
  };
  std::array<Split, kDataSplits> splits;  // by DataSplit
  std::vector<std::string> classes;
  Index words = 0;             // number of ids of tokens, the unknown one included
  Index different_tokens = 0;  // as in TextPlan
  // The members below have the meaning that they have in TextSurvey.
  std::vector<std::string> files;
  Index empty = 0;
  Index blank_lines = 0;
  Index composed = 0;
  Index invisible = 0;
  std::string first_invisible;
  bool c1_controls = false;
};

// Makes a summary of the plan. Tokens are not counted yet; AddText does that while samples are
// written.
TextSummary SummaryOf(const TextPlan& plan);
void AddText(const std::vector<std::int32_t>& ids, std::int32_t unknown, TextSummary::Split* split);

// A table of rows by class and split, then vocabulary and tokens: lines of less than 100 columns,
// unless a class has a long name. At most 40 classes are listed.
std::vector<std::string> SummaryLines(const TextSummary& summary);
// Warnings for the user, one sentence each: about texts of the training data in the test data, and
// about texts that were left out, were changed, or contain invisible characters.
std::vector<std::string> SummaryWarnings(const TextSummary& summary);

}  // namespace lockstep
