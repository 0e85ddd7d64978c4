#include "data/protein/letter_fasta.h"

#include <utility>

#include "base/characters.h"
#include "base/error.h"
#include "base/text.h"

namespace lockstep {

bool LetterFasta::Next(LetterRecord* record) {
  *record = {};
  if (header_line_ > 0) TakeHeader(record);
  for (std::string_view line; header_line_ == 0 && lines_.Next(&line);) {
    if (!line.starts_with('>')) {
      AddLetters(line, record);
      continue;
    }
    header_ = line;
    header_line_ = lines_.line_number();
    if (record->line == 0) TakeHeader(record);
  }
  if (record->line == 0 && any_) return false;
  if (record->line == 0)
    throw BadData("{}: holds no FASTA record; a record begins with a line \">name\"", path());
  any_ = true;
  if (record->letters.empty())
    throw BadData("{} has no letters; remove its header or add them", Place(*record));
  return true;
}

void LetterFasta::TakeHeader(LetterRecord* record) {
  std::string_view rest = std::string_view(header_).substr(1);
  const std::size_t end = rest.find_first_of(" \t");
  record->line = std::exchange(header_line_, 0);
  record->name = Trim(rest.substr(0, end));
  record->description = end == std::string_view::npos ? "" : Trim(rest.substr(end));
  if (record->name.empty())
    throw BadData("{}:{}: a header without a name; write \">name\"", path(), record->line);
}

void LetterFasta::AddLetters(std::string_view line, LetterRecord* record) const {
  line = Trim(line);
  if (line.empty()) return;
  if (record->line == 0) {
    throw BadData(
        "{}:{}: letters before the first header; a FASTA record begins with a line "
        "\">name\"",
        path(), lines_.line_number());
  }
  for (const char letter : line)
    if (letter != ' ' && letter != '\t') record->letters += letter;
  if (record->letters.size() > kMostLetters) {
    throw BadData("{} has more than {} letters, as no protein has; is this a genome?",
                  Place(*record), kMostLetters);
  }
}

std::string LetterFasta::Place(const LetterRecord& record) const {
  return fmt::format("{}:{}: record {}", path(), record.line, Printable(record.name));
}

}  // namespace lockstep
