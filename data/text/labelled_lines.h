// Reads texts with one label each from a file of the user, row by row. docs/text.md describes the
// formats; labelled_formats.h opens a file.
//
//   const auto reader = OpenLabelledLines({.path = "train.tsv"}, {});
//   for (LabelledText row; reader->Next(&row);) ...
#pragma once

#include <string>
#include <string_view>

#include "base/line_reader.h"
#include "base/types.h"

namespace lockstep {

struct LabelledLinesOptions {
  // A name of LabelledFormatNames(), or "auto": recognised from the first lines.
  std::string format = "auto";
  std::string encoding = kUtf8;  // a name that `iconv -l` knows
  // The columns (tsv, csv) or keys (jsonl) that hold the text and the label: a name, or for columns
  // a number, counted from 1. Empty: found by the names that are usual.
  std::string text_column = {};
  std::string label_column = {};
  // Whether the first row of a tsv or csv file names the columns: "auto", "yes", "no".
  std::string header = "auto";
  // What ends the label in the format label-first: "blank" (also a tab), "tab", "comma".
  std::string label_separator = "blank";
};

struct LabelledFile {
  std::string path;
  // If not empty, every line of the file is a text with this label, and the format is not used.
  std::string label = {};
};

struct LabelledText {
  std::string label;   // without white space at its ends; never empty, unless there is a problem
  std::string text;    // UTF-8, as written; may be empty
  std::string source;  // "train.tsv:12": path as given, and the first line of the row
  Index line = 0;      // 12
  // If not empty, the row cannot be used, and this says why, beginning with file and line.
  std::string problem;
};

class LabelledLines {
 public:
  // A longer label is assumed to be a text in the wrong column.
  static constexpr std::size_t kLongestLabel = 256;

  virtual ~LabelledLines() = default;
  // Sets `row` to the next row in the order of the file; returns false at the end. A row that
  // cannot be used is returned with a `problem`, and reading can continue after it.
  bool Next(LabelledText* row);
  // The number of lines skipped so far because they are empty.
  virtual Index blank_lines() const = 0;
  // Says how the file is read: "tsv without a header, text in column 1, label in column 2".
  virtual std::string Description() const = 0;
  // True if the first row is read as a sample, although the user did not say so and it could be a
  // header with unusual names.
  virtual bool FirstRowIsAGuess() const { return false; }

 protected:
  explicit LabelledLines(std::string path) : path_(std::move(path)) {}
  const std::string& path() const { return path_; }

 private:
  // Sets label and text of the next row; returns false at the end. May throw BadData for this row,
  // which names file and line.
  virtual bool Read(LabelledText* row) = 0;
  // The number of the first line of the row that Read returned last.
  virtual Index line() const = 0;

  std::string path_;
};

// True for the names of text and label that are recognised without an option: "text", "sentence",
// ... and "label", "class", ... . Capital and small letters are not distinguished.
bool IsUsualTextName(std::string_view name);
bool IsUsualLabelName(std::string_view name);
// The lists of these names, for messages.
std::string UsualTextNames();
std::string UsualLabelNames();

}  // namespace lockstep
