#include "data/protein/labelled_proteins.h"

#include <filesystem>
#include <unordered_map>
#include <utility>

#include "base/characters.h"
#include "base/error.h"
#include "base/text.h"
#include "data/protein/letter_fasta.h"
#include "data/protein/residue_columns.h"

namespace lockstep {
namespace {

struct NamedLetters {
  std::string letters;
  std::string description;
  std::string place;
  bool used = false;
};
using LettersByName = std::unordered_map<std::string, NamedLetters>;

LettersByName ReadByName(const std::string& path) {
  LettersByName found;
  LetterFasta fasta(path);
  for (LetterRecord record; fasta.Next(&record);) {
    const std::string place = fasta.Place(record);
    const auto [at, is_new] = found.emplace(
        record.name, NamedLetters{std::move(record.letters), record.description, place});
    if (!is_new)
      throw BadData("{} is there twice; it is also at {}; names must differ", place,
                    at->second.place);
  }
  return found;
}

// What the other file says of a record.
NamedLetters& LettersOf(const std::string& place, const std::string& name, const char* what,
                        const std::string& path, LettersByName* by_name) {
  const auto found = by_name->find(name);
  if (found == by_name->end()) {
    throw BadData("{} has no {} in {}; add a record of this name, or remove the sequence", place,
                  what, path);
  }
  if (std::exchange(found->second.used, true))
    throw BadData("{} is there twice; names must differ", place);
  return found->second;
}

void RequireAllUsed(const LettersByName& by_name, const char* what, const std::string& sequences) {
  for (const auto& [name, letters] : by_name) {
    if (letters.used) continue;
    throw BadData("{} has {}, but there is no sequence of this name in {}", letters.place, what,
                  sequences);
  }
}

// The value of "KEY=value" among the words of a header; empty if there is none.
std::string ValueOf(std::string_view header, std::string_view key) {
  for (header = Trim(header); !header.empty(); header = Trim(header)) {
    const std::string_view word = TakeWord(&header);
    if (word.starts_with(key) && word.substr(key.size()).starts_with('='))
      return std::string(word.substr(key.size() + 1));
  }
  return "";
}

DataSplit SplitOfHeader(const NamedLetters& labels) {
  const std::string set = ValueOf(labels.description, "SET");
  const std::string validation = ValueOf(labels.description, "VALIDATION");
  const bool validates = validation == "True" || validation == "true";
  const bool is_known =
      validates || validation.empty() || validation == "False" || validation == "false";
  if ((set != "train" && set != "test") || !is_known) {
    throw BadData(
        "{}: its header says SET={} VALIDATION={}; allowed are SET=train or SET=test, and "
        "VALIDATION=True or False; files with one split each go with --train, --valid and --test",
        labels.place, Printable(set), Printable(validation));
  }
  if (set == "test") return DataSplit::kTest;
  return validates ? DataSplit::kValid : DataSplit::kTrain;
}

void ReadFasta(const ProteinFiles& files, std::size_t file,
               std::vector<LabelledProtein>* proteins) {
  LettersByName labels = ReadByName(files.labels);
  LettersByName masks;
  if (!files.mask.empty()) masks = ReadByName(files.mask);
  LetterFasta fasta(files.sequences);
  for (LetterRecord record; fasta.Next(&record);) {
    LabelledProtein protein{record.name, fasta.Place(record), file, record.line, files.split};
    NamedLetters& found = LettersOf(protein.place, record.name, "labels", files.labels, &labels);
    if (!files.has_split) protein.split = SplitOfHeader(found);
    protein.residues = std::move(record.letters);
    protein.labels = std::move(found.letters);
    if (!files.mask.empty()) {
      protein.mask =
          std::move(LettersOf(protein.place, record.name, "mask", files.mask, &masks).letters);
    }
    proteins->push_back(std::move(protein));
  }
  RequireAllUsed(labels, "labels", files.sequences);
}

void ReadColumns(const ProteinFiles& files, std::size_t file,
                 std::vector<LabelledProtein>* proteins) {
  const std::string name = std::filesystem::path(files.sequences).filename().string();
  ResidueColumns columns(files.sequences);
  for (ColumnChain chain; columns.Next(&chain);) {
    proteins->push_back({fmt::format("{}:{}", name, chain.line),
                         fmt::format("{}:{}: chain", files.sequences, chain.line), file, chain.line,
                         files.split, chain.residues, chain.labels, ""});
  }
}

}  // namespace

void ReadLabelledProteins(const ProteinFiles& files, std::size_t file,
                          std::vector<LabelledProtein>* proteins) {
  files.labels.empty() ? ReadColumns(files, file, proteins) : ReadFasta(files, file, proteins);
}

bool LooksLikeLetterFasta(const std::string& path) {
  LineReader lines(path, AnyBytes{});
  for (std::string_view line; lines.Next(&line);)
    if (!Trim(line).empty()) return line.starts_with('>');
  return false;
}

}  // namespace lockstep
