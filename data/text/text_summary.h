// What an importer of labelled texts tells the user at the end.
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
    // Rows whose text (after the rules) the training split has, too.
    Index in_train = 0;
    Index total() const;
  };
  std::array<Split, kDataSplits> splits;  // by DataSplit
  std::vector<std::string> classes;
  Index words = 0;             // ids of tokens, the unknown one included
  Index different_tokens = 0;  // as in TextPlan
  // As in TextSurvey.
  std::vector<std::string> files;
  Index empty = 0;
  Index blank_lines = 0;
  Index composed = 0;
  Index invisible = 0;
  std::string first_invisible;
  bool c1_controls = false;
};

// All that the plan knows; tokens are counted by AddText while samples are written.
TextSummary SummaryOf(const TextPlan& plan);
void AddText(const std::vector<std::int32_t>& ids, std::int32_t unknown, TextSummary::Split* split);

// A table of rows by class and split, then vocabulary and tokens: lines of less than 100 columns,
// unless a class has a long name. At most 40 classes are listed.
std::vector<std::string> SummaryLines(const TextSummary& summary);
// What the user should look at, one sentence each: texts of training data in the test data, what
// was left out, what was changed, what was kept although it cannot be seen.
std::vector<std::string> SummaryWarnings(const TextSummary& summary);

}  // namespace lockstep
