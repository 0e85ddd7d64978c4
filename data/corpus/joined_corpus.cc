#include "data/corpus/joined_corpus.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/json_text.h"
#include "data/corpus/source_table.h"

namespace lockstep {
namespace {

using Json = nlohmann::json;

constexpr const char* kTraining = "train";
constexpr const char* kJoined = "joined";  // in the provenance

void AddCounts(const SplitInfo& part, SplitInfo* all) {
  all->sequences += part.sequences;
  all->steps += part.steps;
  all->longest = std::max(all->longest, part.longest);
  for (std::size_t f = 0; f < all->fields.size(); ++f) {
    all->fields[f].rows += part.fields[f].rows;
    all->fields[f].longest = std::max(all->fields[f].longest, part.fields[f].longest);
  }
  for (std::size_t c = 0; c < all->label_counts.size(); ++c) {
    all->label_counts[c] += part.label_counts[c];
  }
}

void AddPart(const JoinedPart& part, const std::string& name, CorpusInfo* corpus) {
  const SplitInfo& added = part.info.Split(kTraining);
  LOCKSTEP_CHECK(added.sequences > 0 && added.sequences <= kMostJoinedSequences);
  SplitInfo& all = corpus->splits.at(kTraining);
  for (ShardInfo shard : added.shards) {
    shard.folder = part.folder;
    shard.id_shift = all.first_sample_id + all.sequences - added.first_sample_id;
    all.shards.push_back(std::move(shard));
  }
  all.sources.push_back({std::ssize(corpus->sources), added.sequences, added.steps});
  corpus->sources.push_back(name);
  all.joined_reads.push_back(part.reads);
  AddCounts(added, &all);
}

// Names for the parts that are neither those of each other nor those of the first corpus.
std::vector<std::string> NamesOf(const std::vector<JoinedPart>& parts,
                                 const std::vector<std::string>& of_first) {
  UniqueNames unique;
  for (const std::string& name : of_first) unique.Take(name);
  std::vector<std::string> folders;
  for (const JoinedPart& part : parts) folders.push_back(part.folder);
  std::vector<std::string> names = SourceNames(folders);
  for (std::string& name : names) name = unique.Take(name);
  return names;
}

Json FactsOf(const CorpusInfo& corpus) {
  return {{"hash", corpus.hash}, {"provenance", ParseJson(corpus.provenance)}};
}

// The text of a member of a document that somebody may have written by hand; empty without it.
std::string TextAt(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found == object.end() || !found->is_string() ? "" : found->get<std::string>();
}

// The facts of the corpora that `corpus` was joined of; empty for any other.
Json JoinedFacts(const CorpusInfo& corpus) {
  const Json provenance = ParseJsonOrDiscard(corpus.provenance);
  const auto joined = provenance.find(kJoined);  // the end if it is no object
  if (joined == provenance.end() || !joined->is_array()) return Json::array();
  return *joined;
}

}  // namespace

CorpusInfo JoinCorpora(const CorpusInfo& first, const std::vector<JoinedPart>& parts) {
  CorpusInfo joined = first;
  joined.sources = SourcesOf(first);
  for (auto& [name, split] : joined.splits) {
    if (split.sequences > 0) split.sources = RunsOf(split);
  }
  Json facts = Json::array({FactsOf(first)});
  const std::vector<std::string> names = NamesOf(parts, joined.sources);
  for (std::size_t i = 0; i < parts.size(); ++i) {
    AddPart(parts[i], names[i], &joined);
    facts.push_back(FactsOf(parts[i].info));
  }
  joined.provenance = JsonText(Json{{kJoined, facts}});
  joined.hash = CorpusFromJson(CorpusToJson(joined), kCorpusIndexName).hash;
  return joined;
}

std::vector<std::string> HashesOf(const CorpusInfo& corpus) {
  std::vector<std::string> hashes;
  for (const Json& facts : JoinedFacts(corpus)) hashes.push_back(TextAt(facts, "hash"));
  return hashes.empty() ? std::vector{corpus.hash} : hashes;
}

std::vector<std::string> ProvenancesOf(const CorpusInfo& corpus) {
  std::vector<std::string> texts;
  for (const Json& facts : JoinedFacts(corpus)) {
    const auto found = facts.find("provenance");
    texts.push_back(found == facts.end() ? "{}" : found->dump());
  }
  return texts.empty() ? std::vector{corpus.provenance} : texts;
}

}  // namespace lockstep
