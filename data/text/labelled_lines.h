// Texts with one label each, streamed from a file of the user's own. docs/text.md describes each
// format; labelled_formats.h opens a file.
//
//   const auto reader = OpenLabelledLines({.path = "train.tsv"}, {});
//   for (LabelledText row; reader->Next(&row);) ...
#pragma once

#include <string>
#include <string_view>

#include "base/types.h"
#include "data/text/text_lines.h"

namespace lockstep {

struct LabelledLinesOptions {
  // A name of LabelledFormatNames(), or "auto": recognised from the first lines.
  std::string format = "auto";
  std::string encoding = kUtf8;  // a name that `iconv -l` knows
  // Which column (tsv, csv) or key (jsonl) holds the text and the label: its name, or for columns
  // its number from 1. Empty: found by the names that people usually give them.
  std::string text_column = {};
  std::string label_column = {};
  // Whether the first row of a tsv or csv file names the columns: "auto", "yes", "no".
  std::string header = "auto";
  // What ends the label in the format label-first: "blank" (also a tab), "tab", "comma".
  std::string label_separator = "blank";
};

struct LabelledFile {
  std::string path;
  // Not empty: every line of the file is a text with this label, and the format is not asked.
  std::string label = {};
};

struct LabelledText {
  std::string label;   // without white space at its ends; never empty, unless there is a problem
  std::string text;    // UTF-8, as written; may be empty
  std::string source;  // "train.tsv:12": path as given, and the first line of the row
  Index line = 0;      // 12
  // Not empty: the row cannot be used, and this says why, beginning with file and line.
  std::string problem;
};

class LabelledLines {
 public:
  // Labels longer than this are taken for texts in the wrong column.
  static constexpr std::size_t kLongestLabel = 256;

  virtual ~LabelledLines() = default;
  // The next row in the order of the file; false at the end. A row that cannot be used comes with
  // its `problem`, and reading goes on after it.
  bool Next(LabelledText* row);
  // Lines passed over so far because they hold nothing at all.
  virtual Index blank_lines() const = 0;
  // How the file is read: "tsv without a header, text in column 1, label in column 2".
  virtual std::string Description() const = 0;
  // Whether the first row was taken for a sample without the user having said so, where it could
  // also be a header with unusual names.
  virtual bool FirstRowIsAGuess() const { return false; }

 protected:
  explicit LabelledLines(std::string path) : path_(std::move(path)) {}
  const std::string& path() const { return path_; }

 private:
  // Sets label and text of the next row; false at the end. May throw a BadData for this row, which
  // names file and line.
  virtual bool Read(LabelledText* row) = 0;
  // The first line of the row that Read gave last.
  virtual Index line() const = 0;

  std::string path_;
};

// Names of text and label that are found without being told: "text", "sentence", ... and "label",
// "class", ... . `name` in any case of letters.
bool IsUsualTextName(std::string_view name);
bool IsUsualLabelName(std::string_view name);
// Both lists for messages.
std::string UsualTextNames();
std::string UsualLabelNames();

}  // namespace lockstep
