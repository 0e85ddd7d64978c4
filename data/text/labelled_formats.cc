#include "data/text/labelled_formats.h"

#include <algorithm>

#include "base/characters.h"
#include "base/error.h"
#include "base/text.h"
#include "base/text_decoder.h"
#include "data/text/label_first.h"
#include "data/text/labelled_json.h"
#include "data/text/labelled_table.h"
#include "data/text/table_columns.h"

namespace lockstep {
namespace {

constexpr std::size_t kLinesLookedAt = 100;

using Lines = std::vector<std::string>;

Lines FirstFilledLines(const std::string& path, const std::string& encoding) {
  LineReader lines(path, encoding);
  Lines first;
  for (std::string_view line; first.size() < kLinesLookedAt && lines.Next(&line);) {
    if (line.find_first_not_of(' ') != line.npos) first.emplace_back(line);
  }
  return first;
}

bool LooksLikeJsonl(const Lines& lines) {
  return std::all_of(lines.begin(), lines.end(),
                     [](const std::string& line) { return Trim(line).starts_with('{'); });
}

// Most lines have as many tabs as the first. The others are bad rows, whose reader names them.
bool LooksLikeTsv(const Lines& lines) {
  const auto tabs = [](const std::string& line) {
    return std::count(line.begin(), line.end(), '\t');
  };
  const auto like_first = std::count_if(lines.begin(), lines.end(), [&](const std::string& line) {
    return tabs(line) == tabs(lines.front());
  });
  return tabs(lines.front()) > 0 && 2 * like_first > static_cast<std::ptrdiff_t>(lines.size());
}

bool IsWholeNumber(std::string_view word) {
  if (word.starts_with('-') || word.starts_with('+')) word.remove_prefix(1);
  return !word.empty() && word.find_first_not_of("0123456789") == word.npos;
}

bool LooksLikeLabelFirst(const Lines& lines) {
  const auto first_word = [](const std::string& line) {
    std::string_view rest = Trim(line);
    return TakeWord(&rest);
  };
  const auto numbered = [&](const std::string& line) { return IsWholeNumber(first_word(line)); };
  const auto prefixed = [&](const std::string& line) {
    return first_word(line).starts_with(kLabelPrefix);
  };
  return std::all_of(lines.begin(), lines.end(), numbered) ||
         std::all_of(lines.begin(), lines.end(), prefixed);
}

// Whether the first row names both of the columns that are needed, and most rows are as long. The
// others are bad rows, whose reader names them.
bool HasUsualHeader(const TableRows& rows) {
  if (rows.size() < 2) return false;
  const auto like_first = std::ranges::count_if(
      rows, [&](const auto& cells) { return cells.size() == rows[0].size(); });
  return std::ranges::any_of(rows[0], [](auto& cell) { return IsUsualTextName(cell); }) &&
         std::ranges::any_of(rows[0], [](auto& cell) { return IsUsualLabelName(cell); }) &&
         2 * like_first > static_cast<std::ptrdiff_t>(rows.size());
}

// Decides by the first rows whether a file is csv.
bool LooksLikeCsv(const std::string& path, const Lines& lines, TableKind kind,
                  const LabelledLinesOptions& options) {
  TableRows rows;
  bool readable = true;
  try {
    ReadFirstRows(path, kind, options.encoding, kLinesLookedAt, &rows);
  } catch (const InputError&) {
    readable = false;
  }
  if (HasUsualHeader(rows)) return true;
  const bool even = std::ranges::all_of(
      rows, [&](const auto& cells) { return cells.size() >= 2 && cells.size() == rows[0].size(); });
  if (!readable || rows.empty() || !even) return false;
  const std::string opening = {SeparatorOf(kind), '"'};
  const bool quoted = std::any_of(lines.begin(), lines.end(), [&](const std::string& line) {
    return line.starts_with('"') || line.find(opening) != line.npos;
  });
  const bool named = std::any_of(rows[0].begin(), rows[0].end(), [](auto& cell) {
    return IsUsualTextName(cell) || IsUsualLabelName(cell);
  });
  if (quoted || named) return true;
  try {
    ChooseColumns(rows, options, path);
    return true;
  } catch (const InputError&) {
    return false;
  }
}

[[noreturn]] void FailFormat(const std::string& path, const Lines& possible,
                             const std::string& first) {
  if (Trim(first).starts_with('[')) {
    throw UsageError(
        "{}: begins with \"[\" like a JSON list; write one JSON object per line instead "
        "(jq -c '.[]' FILE does it), or name the format with --format ({})",
        path, fmt::join(LabelledFormatNames(), ", "));
  }
  throw UsageError(
      "{}: the first lines show {}; name the format with --format ({}). The first line is {}", path,
      possible.empty() ? "no format of labelled texts"
                       : fmt::format("that it may be {}", fmt::join(possible, " or ")),
      fmt::join(LabelledFormatNames(), ", "), Printable(first));
}

bool IsOneOf(const std::string& value, const Lines& allowed) {
  return std::find(allowed.begin(), allowed.end(), value) != allowed.end();
}

}  // namespace

std::vector<std::string> LabelledFormatNames() {
  return {"tsv", "csv", "csv-semicolon", "csv-bar", "jsonl", "label-first"};
}

std::string LabelledFormatOf(const std::string& path, const LabelledLinesOptions& options) {
  if (options.format != "auto") return options.format;
  const Lines lines = FirstFilledLines(path, options.encoding);
  if (lines.empty()) throw BadData("{}: holds no text at all; give a file with samples", path);
  if (LooksLikeJsonl(lines)) return "jsonl";
  if (LooksLikeTsv(lines)) return "tsv";
  Lines possible;
  if (LooksLikeLabelFirst(lines)) possible.push_back("label-first");
  if (LooksLikeCsv(path, lines, TableKind::kCsv, options)) possible.push_back("csv");
  for (const TableKind kind : {TableKind::kCsvSemicolon, TableKind::kCsvBar}) {
    if (possible.empty() && LooksLikeCsv(path, lines, kind, options))
      possible.push_back(TableKindName(kind));
  }
  if (possible.size() != 1) FailFormat(path, possible, lines.front());
  return possible.front();
}

std::unique_ptr<LabelledLines> OpenLabelledLines(const LabelledFile& file,
                                                 const LabelledLinesOptions& options) {
  CheckLabelledOptions(options);
  if (!file.label.empty()) return OpenClassFile(file, options.encoding);
  const std::string format = LabelledFormatOf(file.path, options);
  if (format == "jsonl") return OpenLabelledJson(file.path, options);
  if (format == "label-first") return OpenLabelFirst(file.path, options);
  return OpenLabelledTable(file.path, TableKindFromName(format).value(), options);
}

void CheckLabelledOptions(const LabelledLinesOptions& options) {
  std::vector<std::string> violations;
  const auto check = [&](const char* name, const std::string& value, Lines allowed) {
    if (IsOneOf(value, allowed)) return;
    violations.push_back(fmt::format("--{} is {}, allowed are {}", name, Printable(value),
                                     fmt::join(allowed, ", ")));
  };
  Lines formats = LabelledFormatNames();
  formats.insert(formats.begin(), "auto");
  check("format", options.format, formats);
  check("header", options.header, {"auto", "yes", "no"});
  check("label-separator", options.label_separator, {"blank", "tab", "comma"});
  if (!IsUtf8Name(options.encoding)) {
    try {
      TextDecoder decoder(options.encoding);
    } catch (const InputError& error) {
      violations.push_back(error.what());
    }
  }
  if (!violations.empty()) throw UsageError("{}", fmt::join(violations, "; "));
}

}  // namespace lockstep
