#include "data/dna/gff3.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "base/characters.h"
#include "base/error.h"
#include "base/text.h"

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

bool EqualsInAnyCase(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](unsigned char x, unsigned char y) {
    return std::tolower(x) == std::tolower(y);
  });
}

}  // namespace

bool IsCdsType(std::string_view type) {
  constexpr std::string_view kTypes[] = {"CDS",          "SO:0000316", "coding_sequence",
                                         "CDS_fragment", "edited_CDS", "CDS_predicted"};
  return std::any_of(std::begin(kTypes), std::end(kTypes),
                     [&](std::string_view name) { return EqualsInAnyCase(type, name); });
}

bool HasGtfAttributes(const Gff3Row& row) {
  std::string_view rest = Trim(row.attributes);
  const std::string_view key = TakeWord(&rest);
  if (key == "gene_id" || key == "transcript_id") return true;
  return key.find('=') == key.npos && rest.starts_with('"');
}

std::string AttributeOf(const Gff3Row& row, std::string_view name) {
  std::string_view rest = row.attributes;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find(';'), rest.size());
    std::string_view value = Trim(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (!value.starts_with(name)) continue;
    value.remove_prefix(name.size());
    if (value.starts_with('=')) return Unescape(value.substr(1));
    if (!value.starts_with(' ')) continue;
    value = Trim(value);
    if (value.size() >= 2 && value.front() == '"' && value.back() == '"')
      value = value.substr(1, value.size() - 2);
    return std::string(value);
  }
  return {};
}

bool SaysTrue(const Gff3Row& row, std::string_view name) {
  return EqualsInAnyCase(AttributeOf(row, name), "true");
}

bool SaysCircular(const Gff3Row& row) {
  std::string_view rest = row.attributes;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find(';'), rest.size());
    if (EqualsInAnyCase(Trim(rest.substr(0, end)), "Is_circular=true")) return true;
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return false;
}

bool Gff3Reader::Next(Gff3Row* row) {
  std::string_view line;
  while (!at_fasta_ && lines_.Next(&line)) {
    at_fasta_ = line.starts_with("##FASTA") || line.starts_with('>');
    if (line.starts_with("##")) ParseDirective(line);
    if (at_fasta_ || Trim(line).empty() || line[0] == '#') continue;
    ParseRow(line, row);
    return true;
  }
  return false;
}

void Gff3Reader::ParseDirective(std::string_view line) {
  const std::string_view name = TakeWord(&line);
  if (name == "##gff-version") old_version_ = line.starts_with('2') || line.starts_with('1');
  if (name != "##sequence-region") return;
  SequenceRegion region;
  region.seqid = Unescape(TakeWord(&line));
  const std::string_view start = TakeWord(&line), end = TakeWord(&line);
  if (!ReadNumber(start, &region.start) || !ReadNumber(end, &region.end)) region.end = 0;
  region.line = lines_.line_number();
  regions_.push_back(std::move(region));
}

void Gff3Reader::ParseRow(std::string_view line, Gff3Row* row) const {
  std::array<std::string_view, kColumns> columns;
  const std::size_t found = SplitColumns(line, columns);
  if (found != kColumns && !(old_version_ && found == kColumns - 1)) {
    throw BadData(
        "{}: a row of {} columns, GFF3 has {} separated by tabs; is this a GFF3 file? (GTF and "
        "GFF2 "
        "are read, too; other annotations must be converted)",
        Here(), found, kColumns);
  }
  row->seqid = Unescape(columns[0]);
  row->type = Unescape(columns[2]);
  row->start = Position(columns[3], "start");
  row->end = Position(columns[4], "end");
  row->attributes = columns[8];
  row->line = lines_.line_number();
  if (row->start > row->end) {
    throw BadData("{}: start {} is behind end {}; in GFF3 start <= end on both strands", Here(),
                  row->start, row->end);
  }
  if (columns[6].size() != 1 ||
      std::string_view("+-.?").find(columns[6]) == std::string_view::npos) {
    throw BadData("{}: strand {}, allowed are + - . ?", Here(), Printable(columns[6]));
  }
  row->strand = columns[6][0];
  const bool has_phase = columns[7].size() == 1 && columns[7][0] >= '0' && columns[7][0] <= '2';
  row->phase = has_phase ? columns[7][0] - '0' : -1;
}

Index Gff3Reader::Position(std::string_view text, const char* column) const {
  Index value = 0;
  if (!ReadNumber(text, &value) || value < 1) {
    throw BadData("{}: {} {}, allowed are whole numbers from 1", Here(), column, Printable(text));
  }
  return value;
}

std::string Gff3Reader::Here() const {
  return fmt::format("{}:{}", lines_.path(), lines_.line_number());
}

}  // namespace lockstep
