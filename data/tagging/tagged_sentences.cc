#include "data/tagging/tagged_sentences.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/characters.h"
#include "base/error.h"
#include "base/json_line.h"
#include "base/text.h"
#include "data/tagging/word_shape.h"
#include "data/text/text_rules.h"
#include "data/text/tokenizer.h"

namespace lockstep {
namespace {

using Json = nlohmann::json;
constexpr std::string_view kDocumentMark = "-DOCSTART-";

bool IsBlank(std::string_view line) { return line.find_first_not_of(" \t") == line.npos; }

// The columns of a line that is not blank.
std::vector<std::string_view> ColumnsOf(std::string_view line) {
  std::vector<std::string_view> columns;
  const bool has_tabs = line.find('\t') != line.npos;
  const char separator = has_tabs ? '\t' : ' ';
  for (std::size_t begin = 0; begin <= line.size();) {
    const std::size_t end = std::min(line.find(separator, begin), line.size());
    if (has_tabs || end > begin) columns.push_back(line.substr(begin, end - begin));
    begin = end + 1;
  }
  return columns;
}

// Why a word or tag cannot be one; empty if it can.
std::string FindWordProblem(std::string_view word, const char* what) {
  if (word.empty() || IsBlank(word)) return fmt::format("the {} is empty", what);
  const std::string_view signs("\t\n\r\0", 4);
  if (word.find_first_of(signs) == word.npos) return {};
  return fmt::format("the {} {} has a tab, a line end or U+0000 in it", what, Printable(word));
}

// A tag becomes the name of a class, which reports, logs and tables show; a word stays in the data.
std::string FindTagProblem(std::string_view tag) {
  std::string problem = FindWordProblem(tag, "tag");
  if (problem.empty() && WithoutControls(tag) != tag)
    problem = fmt::format("the tag {} has a control character in it", Printable(tag));
  return problem;
}

// Whether one of the first lines has a tab.
bool HasTabs(const std::string& path, const std::string& encoding) {
  constexpr Index kLinesLookedAt = 1000;
  LineReader lines(path, encoding);
  try {
    for (std::string_view line; lines.line_number() < kLinesLookedAt && lines.Next(&line);)
      if (line.find('\t') != line.npos) return true;
  } catch (const InputError& error) {
    if (error.code() != ExitCode::kBadData) throw;  // else the reader tells it
  }
  return false;
}

class SentenceFile : public TaggedSentences {
 public:
  SentenceFile(const std::string& path, const TaggedFileOptions& options)
      : options_(options), lines_(path, options.encoding) {}
  double share_read() const override { return lines_.share_read(); }

 protected:
  // The next line; bytes that are not in the encoding become a problem.
  bool NextLine(std::string_view* line, TaggedSentence* sentence) {
    for (;;) {
      try {
        return lines_.Next(line);
      } catch (const InputError& error) {
        if (error.code() != ExitCode::kBadData) throw;
        sentence->problems.emplace_back(error.what());
      }
    }
  }
  void AddProblem(const std::string& what, TaggedSentence* sentence) const {
    sentence->problems.push_back(
        fmt::format("{}:{}: {}", lines_.path(), lines_.line_number(), what));
  }
  void AddToken(std::string_view token, std::string_view tag, TaggedSentence* sentence) const {
    std::string problem = FindWordProblem(token, "word");
    if (problem.empty() && options_.has_tags) problem = FindTagProblem(tag);
    if (!problem.empty()) return AddProblem(problem, sentence);
    sentence->tokens.emplace_back(token);
    if (options_.has_tags) sentence->tags.emplace_back(tag);
    sentence->lines.push_back(lines_.line_number());
  }

  const TaggedFileOptions options_;
  LineReader lines_;
};

class ColumnFile : public SentenceFile {
 public:
  ColumnFile(const std::string& path, const TaggedFileOptions& options)
      : SentenceFile(path, options), has_tabs_(HasTabs(path, options.encoding)) {}

  bool Next(TaggedSentence* sentence) override {
    *sentence = {};
    sentence->begins_document = std::exchange(after_mark_, false);
    for (std::string_view line; NextLine(&line, sentence);) {
      const bool marks = line.starts_with(kDocumentMark);
      if (IsComment(line, *sentence)) continue;
      if (!marks && !IsBlank(line)) {
        AddLine(line, sentence);
        if (sentence->tokens.size() < kMostTokens) continue;
        AddProblem(fmt::format("the sentence has more than {} words; a blank line must stand "
                               "after each sentence",
                               kMostTokens),
                   sentence);
        return true;
      }
      const bool is_empty = sentence->tokens.empty() && sentence->problems.empty();
      if (!is_empty) {
        after_mark_ = marks;
        return true;
      }
      sentence->begins_document |= marks;
    }
    return !sentence->tokens.empty() || !sentence->problems.empty();
  }

 private:
  // As of CoNLL-U: a line before the words of a sentence that begins with # and a blank, in a file
  // whose columns are separated by tabs, or of other columns than the words have.
  bool IsComment(std::string_view line, const TaggedSentence& sentence) const {
    if (!sentence.tokens.empty() || !line.starts_with("# ")) return false;
    if (line.find('\t') != line.npos) return false;
    return has_tabs_ || (columns_ > 0 && std::ssize(ColumnsOf(line)) != columns_);
  }

  void AddLine(std::string_view line, TaggedSentence* sentence) {
    const std::vector<std::string_view> columns = ColumnsOf(line);
    const Index count = std::ssize(columns);
    if (!options_.has_tags && count >= options_.word_column)
      return AddToken(columns[Word()], {}, sentence);
    const Index least = std::max<Index>({2, options_.tag_column, options_.word_column});
    if (count < least) {
      return AddProblem(
          fmt::format("the line has {} of the {} columns that are needed (the word in column {}, "
                      "its tag in {}): {}",
                      count, least, options_.word_column,
                      options_.tag_column == 0 ? std::string("the last one")
                                               : fmt::format("column {}", options_.tag_column),
                      Printable(line, 40)),
          sentence);
    }
    if (columns_ == 0) columns_ = count;
    if (count != columns_) {
      return AddProblem(fmt::format("the line has {} columns, those before have {}: {}", count,
                                    columns_, Printable(line, 40)),
                        sentence);
    }
    const Index tag = options_.tag_column == 0 ? count : options_.tag_column;
    AddToken(columns[Word()], columns[static_cast<std::size_t>(tag - 1)], sentence);
  }
  std::size_t Word() const { return static_cast<std::size_t>(options_.word_column - 1); }

  const bool has_tabs_;
  Index columns_ = 0;  // of the first line that has a word
  bool after_mark_ = false;
};

class JsonFile : public SentenceFile {
 public:
  using SentenceFile::SentenceFile;

  bool Next(TaggedSentence* sentence) override {
    *sentence = {};
    std::string_view line;
    do {
      if (!NextLine(&line, sentence)) return !sentence->problems.empty();
    } while (IsBlank(line));
    Json object;
    try {
      object = ParseJsonLine(line);
    } catch (const InputError& error) {
      AddProblem(error.what(), sentence);
      return true;
    }
    const auto tokens = ListOf(object, "tokens", sentence);
    const auto tags = options_.has_tags ? ListOf(object, "tags", sentence) : tokens;
    if (!sentence->problems.empty()) return true;
    if (tokens.size() != tags.size()) {
      AddProblem(fmt::format("there are {} tokens and {} tags", tokens.size(), tags.size()),
                 sentence);
    } else if (tokens.empty() || tokens.size() > kMostTokens) {
      AddProblem(
          fmt::format("there are {} tokens; allowed are 1 to {}", tokens.size(), kMostTokens),
          sentence);
    }
    for (std::size_t i = 0; sentence->problems.empty() && i < tokens.size(); ++i)
      AddToken(tokens[i], tags[i], sentence);
    return true;
  }

 private:
  std::vector<std::string> ListOf(const Json& object, const char* key,
                                  TaggedSentence* sentence) const {
    std::vector<std::string> texts;
    const bool has_list = object.is_object() && object.contains(key) && object[key].is_array();
    if (has_list && std::ranges::all_of(object[key], [](const Json& v) { return v.is_string(); })) {
      for (const Json& value : object[key]) texts.push_back(value.get<std::string>());
      return texts;
    }
    AddProblem(fmt::format("the line is no JSON object with a list of texts \"{}\", such as "
                           "{{\"tokens\": [\"Paris\"], \"tags\": [\"B-LOC\"]}}",
                           key),
               sentence);
    return texts;
  }
};

class CaseFile : public SentenceFile {
 public:
  using SentenceFile::SentenceFile;

  bool Next(TaggedSentence* sentence) override {
    *sentence = {};
    for (std::string_view line; NextLine(&line, sentence);) {
      for (const std::string& word : tokenizer_.Split(line)) AddWord(word, sentence);
      if (!sentence->tokens.empty() || !sentence->problems.empty()) return true;
    }
    return !sentence->problems.empty();
  }

 private:
  void AddWord(const std::string& word, TaggedSentence* sentence) const {
    if (sentence->tokens.size() == kMostTokens) {
      if (sentence->problems.empty()) {
        AddProblem(fmt::format("the line has more than {} words; it must be one sentence or "
                               "paragraph",
                               kMostTokens),
                   sentence);
      }
      return;
    }
    const std::string& shape = WordShapeNames()[static_cast<std::size_t>(ShapeOf(word))];
    AddToken(ApplyRules({.compose = false, .lower_case = true}, word), shape, sentence);
  }

  const Tokenizer tokenizer_{TokenizerOptions{}};
};

bool LooksLikeJson(const std::string& path, const std::string& encoding) {
  LineReader lines(path, encoding);
  try {
    for (std::string_view line; lines.Next(&line);)
      if (!IsBlank(line)) return line.starts_with("{\"") || line.starts_with("{ ");
  } catch (const InputError& error) {
    if (error.code() != ExitCode::kBadData) throw;  // else the reader tells it
  }
  return false;
}

}  // namespace

std::optional<SpanTag> ParseWrittenTag(std::string_view tag) {
  if (tag.size() < 3 || tag[1] != '-') return ParseSpanTag(tag);
  if (tag[0] == 'L') return SpanTag{'E', tag.substr(2)};
  if (tag[0] == 'U') return SpanTag{'S', tag.substr(2)};
  return ParseSpanTag(tag);
}

std::unique_ptr<TaggedSentences> OpenTaggedSentences(const std::string& path,
                                                     const TaggedFileOptions& options) {
  std::string format = options.format;
  if (format == "auto") format = LooksLikeJson(path, options.encoding) ? "jsonl" : "columns";
  if (format == "columns") return std::make_unique<ColumnFile>(path, options);
  if (format == "jsonl") return std::make_unique<JsonFile>(path, options);
  if (format == "case") return std::make_unique<CaseFile>(path, options);
  throw UsageError("--format is \"{}\"; allowed are auto, columns, jsonl and case", format);
}

}  // namespace lockstep
