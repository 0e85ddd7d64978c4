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

  bool Take(const std::string& name, const std::string& name_with_file) {
    bool any = false;
    for (auto& [pattern, count] : matches) {
      if (::fnmatch(pattern.c_str(), name.c_str(), 0) != 0 &&
          ::fnmatch(pattern.c_str(), name_with_file.c_str(), 0) != 0) {
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
  std::string found;
  for (Patterns& patterns : splits) {
    if (!patterns.Take(name, file + ":" + name)) continue;
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

void CheckAllMatched(const std::vector<Patterns>& splits, const Genome& genome) {
  constexpr std::size_t kShown = 8;
  for (const Patterns& patterns : splits) {
    for (const auto& [pattern, count] : patterns.matches) {
      if (count > 0) continue;
      std::vector<std::string> names;
      for (const GenomeRecord& record : genome.records) {
        if (names.size() < kShown) names.push_back(Printable(record.name));
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
    const std::string file = std::filesystem::path(files.fastas[record.file]).filename().string();
    const std::string split = SplitOf(splits, record.name, file);
    if (split.empty()) continue;
    const Index end = record.begin + record.length;
    if (!ranges.empty() && ranges.back().end == record.begin && ranges.back().split == split) {
      ranges.back().end = end;
    } else {
      ranges.push_back({record.begin, end, split});
    }
  }
  CheckAllMatched(splits, genome);
  return ranges;
}

}  // namespace lockstep
