#include "data/text/label_first.h"

#include <algorithm>

#include "base/error.h"
#include "base/text.h"

namespace lockstep {
namespace {

// Reads the lines of a file that contain more than white space.
class FilledLines {
 public:
  FilledLines(const std::string& path, const std::string& encoding) : lines_(path, encoding) {}

  bool Next(std::string_view* line) {
    while (lines_.Next(line)) {
      if (!Trim(*line).empty()) return true;
      ++blank_lines_;
    }
    return false;
  }
  Index line() const { return lines_.line_number(); }
  Index blank_lines() const { return blank_lines_; }

 private:
  LineReader lines_;
  Index blank_lines_ = 0;
};

// The separator characters; the first one in a line ends the label.
std::string SeparatorsOf(const std::string& name) {
  if (name == "blank") return " \t";
  if (name == "tab") return "\t";
  if (name == "comma") return ",";
  throw UsageError("--label-separator is \"{}\", allowed are blank, tab, comma", name);
}

class LabelFirst : public LabelledLines {
 public:
  LabelFirst(const std::string& path, const LabelledLinesOptions& options)
      : LabelledLines(path),
        separator_name_(options.label_separator),
        separators_(SeparatorsOf(options.label_separator)),
        lines_(path, options.encoding) {}

  Index blank_lines() const override { return lines_.blank_lines(); }
  std::string Description() const override {
    return fmt::format("label-first, a {} after the label", separator_name_);
  }

 private:
  bool Read(LabelledText* row) override {
    std::string_view line;
    if (!lines_.Next(&line)) return false;
    // A blank before the label does not mean that the label is empty.
    if (separator_name_ == "blank") line = Trim(line);
    const std::size_t end = std::min(line.find_first_of(separators_), line.size());
    std::string_view label = Trim(line.substr(0, end));
    if (label.starts_with(kLabelPrefix)) label.remove_prefix(kLabelPrefix.size());
    const std::string_view text = Trim(line.substr(std::min(end + 1, line.size())));
    if (text.starts_with(kLabelPrefix)) {
      throw BadData(
          "{}:{}: the line has several labels ({}...); write each text with one label, on a line "
          "of its own",
          path(), lines_.line(), kLabelPrefix);
    }
    row->label = label;
    row->text = text;
    return true;
  }
  Index line() const override { return lines_.line(); }

  std::string separator_name_;
  std::string separators_;
  FilledLines lines_;
};

class ClassFile : public LabelledLines {
 public:
  ClassFile(const LabelledFile& file, const std::string& encoding)
      : LabelledLines(file.path), label_(file.label), lines_(file.path, encoding) {}

  Index blank_lines() const override { return lines_.blank_lines(); }
  std::string Description() const override {
    return fmt::format("every line a text of class {}", label_);
  }

 private:
  bool Read(LabelledText* row) override {
    std::string_view line;
    if (!lines_.Next(&line)) return false;
    row->label = label_;
    row->text = line;
    return true;
  }
  Index line() const override { return lines_.line(); }

  std::string label_;
  FilledLines lines_;
};

}  // namespace

std::unique_ptr<LabelledLines> OpenLabelFirst(const std::string& path,
                                              const LabelledLinesOptions& options) {
  return std::make_unique<LabelFirst>(path, options);
}

std::unique_ptr<LabelledLines> OpenClassFile(const LabelledFile& file,
                                             const std::string& encoding) {
  return std::make_unique<ClassFile>(file, encoding);
}

}  // namespace lockstep
