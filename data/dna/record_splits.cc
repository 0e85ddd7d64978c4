#include "data/dna/record_splits.h"

#include <fnmatch.h>

#include <algorithm>
#include <filesystem>

#include "base/characters.h"
#include "base/error.h"

namespace lockstep {
namespace {

// The patterns of one split, and how many records each has matched.
struct Patterns {
  std::string split;
  std::vector<std::pair<std::string, Index>> matches;

  // `forms` are the ways in which a record may be named.
  bool Take(const std::vector<std::string>& forms) {
    bool any = false;
    for (auto& [pattern, count] : matches) {
      const char* const wanted = pattern.c_str();
      if (std::ranges::none_of(forms, [&](const std::string& form) {
            return ::fnmatch(wanted, form.c_str(), 0) == 0;
          })) {
        continue;
      }
      ++count;
      any = true;
    }
    return any;
  }
};

Patterns PatternsOf(const std::string& split, const std::string& list) {
  Patterns patterns{split, {}};
  for (std::size_t begin = 0; begin < list.size();) {
    const std::size_t end = std::min(list.find(',', begin), list.size());
    if (end > begin) patterns.matches.emplace_back(list.substr(begin, end - begin), 0);
    begin = end + 1;
  }
  return patterns;
}

// The split of a record; empty if no pattern matches.
std::string SplitOf(std::vector<Patterns>& splits, const std::string& name,
                    const std::string& file) {
  const std::string base = std::filesystem::path(file).filename().string();
  const std::vector<std::string> forms = {name, fmt::format("{}:{}", base, name),
                                          fmt::format("{}:{}", file, name)};
  std::string found;
  for (Patterns& patterns : splits) {
    if (!patterns.Take(forms)) continue;
    if (!found.empty()) {
      throw UsageError(
          "--{}-records and --{}-records both name the record {} of {}; a record belongs to one "
          "split",
          found, patterns.split, Printable(name), file);
    }
    found = patterns.split;
  }
  return found;
}

void CheckAllMatched(const std::vector<Patterns>& splits, const GenomeFiles& files,
                     const Genome& genome) {
  constexpr std::size_t kShown = 8;
  for (const Patterns& patterns : splits) {
    for (const auto& [pattern, count] : patterns.matches) {
      if (count > 0) continue;
      std::vector<std::string> names;
      for (const GenomeRecord& record : genome.records) {
        if (names.size() < kShown)
          names.push_back(Printable(fmt::format("{}:{}", files.fastas[record.file], record.name)));
      }
      throw UsageError("--{}-records: no record matches {}; the records are {}{}", patterns.split,
                       Printable(pattern), fmt::join(names, ", "),
                       genome.records.size() > kShown ? ", ..." : "");
    }
  }
}

}  // namespace

std::vector<SplitRange> RangesOfRecords(const SplitRangeOptions& options, const GenomeFiles& files,
                                        const Genome& genome) {
  if (!options.has_records()) return {};
  std::vector<Patterns> splits = {PatternsOf("train", options.train_records),
                                  PatternsOf("valid", options.valid_records),
                                  PatternsOf("test", options.test_records)};
  std::vector<SplitRange> ranges;
  for (const GenomeRecord& record : genome.records) {
    const std::string split = SplitOf(splits, record.name, files.fastas[record.file]);
    if (split.empty()) continue;
    const Index end = record.begin + record.length;
    if (!ranges.empty() && ranges.back().end == record.begin && ranges.back().split == split) {
      ranges.back().end = end;
    } else {
      ranges.push_back({record.begin, end, split});
    }
  }
  CheckAllMatched(splits, files, genome);
  return ranges;
}

}  // namespace lockstep
