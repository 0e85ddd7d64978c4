#include "data/dna/gff3.h"

#include <array>
#include <charconv>
#include <optional>

#include "base/error.h"

namespace lockstep {
namespace {

constexpr std::size_t kColumns = 9;

// Splits a line at tabs; returns the number of columns found.
std::size_t SplitColumns(std::string_view line, std::array<std::string_view, kColumns>& columns) {
  std::size_t found = 0;
  for (std::size_t start = 0;; ++found) {
    const std::size_t tab = line.find('\t', start);
    if (found < kColumns) columns[found] = line.substr(start, tab - start);
    if (tab == std::string_view::npos) return found + 1;
    start = tab + 1;
  }
}

std::optional<char> HexByte(std::string_view digits) {
  unsigned value = 0;
  const auto [end, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
  if (error != std::errc() || end != digits.data() + 2) return std::nullopt;
  return static_cast<char>(value);
}

// Replaces %XX by the byte that it stands for; GFF3 writes special characters like that.
std::string Unescape(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = text[i] == '%' ? HexByte(text.substr(i + 1, 2)) : std::nullopt;
    result.push_back(byte.value_or(text[i]));
    if (byte.has_value()) i += 2;
  }
  return result;
}

}  // namespace

bool Gff3Reader::Next(Gff3Row* row) {
  std::string_view line;
  while (!at_fasta_ && lines_.Next(&line)) {
    at_fasta_ = line.starts_with("##FASTA") || line.starts_with('>');
    if (at_fasta_ || line.empty() || line[0] == '#') continue;
    ParseRow(line, row);
    return true;
  }
  return false;
}

void Gff3Reader::ParseRow(std::string_view line, Gff3Row* row) const {
  std::array<std::string_view, kColumns> columns;
  const std::size_t found = SplitColumns(line, columns);
  if (found != kColumns) {
    throw BadData("{}: a row of {} columns, GFF3 has {} separated by tabs; is this a GFF3 file?",
                  Here(), found, kColumns);
  }
  row->seqid = Unescape(columns[0]);
  row->type = Unescape(columns[2]);
  row->start = Position(columns[3], "start");
  row->end = Position(columns[4], "end");
  row->line = lines_.line_number();
  if (row->start > row->end) {
    throw BadData("{}: start {} is behind end {}; in GFF3 start <= end on both strands", Here(),
                  row->start, row->end);
  }
  if (columns[6].size() != 1 ||
      std::string_view("+-.?").find(columns[6]) == std::string_view::npos) {
    throw BadData("{}: strand \"{}\", allowed are + - . ?", Here(), columns[6]);
  }
  row->strand = columns[6][0];
}

Index Gff3Reader::Position(std::string_view text, const char* column) const {
  Index value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 1) {
    throw BadData("{}: {} \"{}\", allowed are whole numbers from 1", Here(), column, text);
  }
  return value;
}

std::string Gff3Reader::Here() const {
  return fmt::format("{}:{}", lines_.path(), lines_.line_number());
}

}  // namespace lockstep
