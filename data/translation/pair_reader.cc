#include "data/translation/pair_reader.h"

#include <algorithm>

#include "base/error.h"
#include "base/shell_word.h"
#include "data/text/table_reader.h"

namespace lockstep {
namespace {

// Column `column` of a line, counted from 1; null if there is none.
const char* FindColumn(std::string_view line, Index column, std::string_view* cell) {
  for (Index c = 1;; ++c) {
    const std::size_t end = std::min(line.find('\t'), line.size());
    *cell = line.substr(0, end);
    if (c == column) return cell->data();
    if (end == line.size()) return nullptr;
    line.remove_prefix(end + 1);
  }
}

// Whether each of the first lines has a tab.
bool HasTabs(const std::string& path, const std::string& encoding) {
  constexpr Index kLinesLookedAt = 100;
  LineReader lines(path, encoding);
  Index tabs = 0;
  try {
    for (std::string_view line; lines.line_number() < kLinesLookedAt && lines.Next(&line); ++tabs) {
      if (line.find('\t') == line.npos) return false;
    }
  } catch (const InputError& error) {
    if (error.code() != ExitCode::kBadData) throw;  // else the reader tells it
  }
  return tabs > 0;
}

Index LinesLeft(LineReader* lines) {
  for (std::string_view line; lines->Next(&line);) continue;
  return lines->line_number();
}

}  // namespace

PairReader::PairReader(const ParallelFile& file, const TranslationOptions& options)
    : options_(options), source_(file.source, options.encoding) {
  if (file.is_table()) return;
  target_ = std::make_unique<LineReader>(file.target, options.encoding);
  if (HasTabs(file.source, options.encoding) && HasTabs(file.target, options.encoding)) {
    throw UsageError(
        "{} and {} were given as SOURCE TARGET, but both have a tab in every line, as tables of "
        "pairs have: join tables to one file (`cat {} {} > FILE`) and give that, or replace the "
        "tabs in texts by blanks",
        file.source, file.target, ShellQuoted(file.source), ShellQuoted(file.target));
  }
}

bool PairReader::Next(TextPair* pair) {
  const bool found = target_ == nullptr ? NextOfTable(pair) : NextOfTwo(pair);
  pair->line = source_.line_number();
  return found;
}

bool PairReader::NextOfTwo(TextPair* pair) {
  std::string_view source, target;
  const bool has_source = source_.Next(&source), has_target = target_->Next(&target);
  if (has_source != has_target) FailByCounts(has_source);
  if (!has_source) return false;
  pair->source = source;
  pair->target = target;
  return true;
}

bool PairReader::NextOfTable(TextPair* pair) {
  std::string_view line, source, target;
  if (!source_.Next(&line)) return false;
  if (FindColumn(line, options_.source_column, &source) == nullptr ||
      FindColumn(line, options_.target_column, &target) == nullptr) {
    throw BadData(
        "{}: the line has {} columns, parted by tabs, and --columns asks for columns {} and {}; a "
        "table has a pair per line, and two files need both names: --train SOURCE TARGET",
        SourcePlace(), 1 + std::ranges::count(line, '\t'), options_.source_column,
        options_.target_column);
  }
  if (!told_of_quotes_ && (IsQuotedCell(source) || IsQuotedCell(target))) {
    told_of_quotes_ = true;
    WarnOfQuotedCell(source_.path(), source_.line_number());
  }
  pair->source = source;
  pair->target = target;
  return true;
}

void PairReader::FailByCounts(bool source_is_longer) {
  LinesLeft(source_is_longer ? &source_ : target_.get());
  throw BadData(
      "{} has {} lines, {} has {}; line i of one must be the translation of line i of the other: "
      "find where a line is missing",
      source_.path(), source_.line_number(), target_->path(), target_->line_number());
}

std::string PairReader::SourcePlace() const {
  return fmt::format("{}:{}", source_.path(), source_.line_number());
}

std::string PairReader::TargetPlace() const {
  const LineReader& target = target_ == nullptr ? source_ : *target_;
  return fmt::format("{}:{}", target.path(), target.line_number());
}

}  // namespace lockstep
