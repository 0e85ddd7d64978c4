// The labels of a corpus while its files are read: which there are, where the first of each stands,
// and in which order they become classes.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/types.h"
#include "data/text/labelled_lines.h"

namespace lockstep {

class ClassTable {
 public:
  // More classes than this mean that texts were taken for labels.
  static constexpr std::size_t kMostClasses = std::size_t{1} << 16;

  // `given`: the names of the classes; empty: whatever the training files have.
  explicit ClassTable(const std::vector<std::string>& given);

  // Counts the label of a row. Returns what is wrong with it: not among the given ones.
  std::string Add(const LabelledText& row, bool training);
  // The row, which was added, is the first of its file and could be a header.
  void SuspectHeader(const LabelledText& row);

  // The number of a label that was added, in the order of first appearance.
  std::int32_t Number(const std::string& label) const { return numbers_.at(label); }

  // After the last row. BadData for a label that training files lack (with file and line), for a
  // class that stands in a suspected header alone, and when there are fewer than two classes.
  void Check() const;
  // Names in the order of their ids: the given order; else by value where all are whole numbers, by
  // bytes where not.
  std::vector<std::string> Names() const;
  // The id of each number.
  std::vector<std::int32_t> Ids() const;

 private:
  struct Label {
    std::string name;
    Index training = 0;
    Index others = 0;
    std::string first_source;  // empty: given, not met yet
  };

  bool given_;
  std::vector<Label> labels_;
  std::unordered_map<std::string, std::int32_t> numbers_;
  std::vector<std::pair<std::string, std::string>> suspects_;  // label, source
};

}  // namespace lockstep
