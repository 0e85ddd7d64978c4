// Collects the labels of a corpus while its files are read: which labels there are, where each was
// seen first, and in which order they become classes.
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
  // If there are more classes than this, texts were read as labels by mistake.
  static constexpr std::size_t kMostClasses = std::size_t{1} << 16;

  // `given` are the names of the classes; if empty, the labels of the training files become
  // classes. `origin` says in messages whose names they are.
  explicit ClassTable(const std::vector<std::string>& given,
                      std::string origin = "those of --classes");

  // Counts the label of a row. If it is not among the given names, returns a text that says so;
  // otherwise an empty text.
  std::string Add(const LabelledText& row, bool training);
  // Says that a row, which was added before, is the first of its file and might be a header.
  void SuspectHeader(const LabelledText& row);

  // Whether the label is one of the given names.
  bool IsGiven(const std::string& label) const { return given_ && numbers_.contains(label); }

  // The number of a label that was added, in the order of first appearance.
  std::int32_t Number(const std::string& label) const { return numbers_.at(label); }

  // Must be called after the last row. BadData for a label that does not occur in the training
  // files (with file and line), for a class that occurs only in a suspected header, and if there
  // are fewer than two classes.
  void Check() const;
  // The names in the order of their ids: the given order if names were given; otherwise sorted by
  // value if all are whole numbers, else by bytes.
  std::vector<std::string> Names() const;
  // The id of each number.
  std::vector<std::int32_t> Ids() const;

 private:
  struct Label {
    std::string name;
    Index training = 0;
    Index others = 0;
    std::string first_source;  // empty: a given name that has not occurred yet
  };

  std::string ListedNames() const;

  bool given_;
  std::string origin_;
  std::vector<Label> labels_;
  std::unordered_map<std::string, std::int32_t> numbers_;
  std::vector<std::pair<std::string, std::string>> suspects_;  // label, source
};

}  // namespace lockstep
