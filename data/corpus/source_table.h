// The sources of a corpus: the files of the user (or manifests, or folders) from which its samples
// were made, and how many samples of each split came from each of them. corpus.json has this table
// only if the training split was made from several sources.
#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "base/json_node.h"
#include "data/corpus/shard_format.h"

namespace lockstep {

// Makes names distinct: one that is taken already gets a number, "a.fa (2)". The time grows with
// the number of names, also if all of them are the same.
class UniqueNames {
 public:
  std::string Take(const std::string& name);

 private:
  std::set<std::string> taken_;
  std::map<std::string, int> numbers_;  // the last number behind a name
};

// One name per source: the last part of its path, or the whole path as given if several sources
// have the same last part. Names are distinct and valid UTF-8: bytes that are not become "?", and
// what is still equal gets a number, "a.fa (2)".
std::vector<std::string> SourceNames(std::span<const std::string> paths);

// Notes that the next samples of a split, in the order of their ids, are from `source`.
void AddToRuns(Index source, Index sequences, Index steps, std::vector<SourceRun>* runs);

// The names of the sources, by which they can be given weights. A corpus without a table is one
// source, named "all".
std::vector<std::string> SourcesOf(const CorpusInfo& info);
// The samples of a split in the order of their ids, by source. A corpus without a table has one
// run.
std::vector<SourceRun> RunsOf(const SplitInfo& split);

// The samples and steps of a split from each source, in the order of SourcesOf.
struct SourceCounts {
  Index sequences = 0;
  Index steps = 0;
};
std::vector<SourceCounts> CountSources(const CorpusInfo& info, const SplitInfo& split);

// Adds the key "sources" to corpus.json if the training split has several.
void AddSourceTable(const CorpusInfo& info, nlohmann::json* document);
// Reads the key "sources", if there is one, when everything else has been read. BadData if it does
// not fit the splits.
void ReadSourceTable(const JsonNode& root, CorpusInfo* info);

}  // namespace lockstep
