#include "data/speech/import_journal.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <vector>

#include "base/durable_file.h"
#include "base/error.h"
#include "base/log.h"
#include "data/corpus/corpus_writer.h"

namespace lockstep {

namespace fs = std::filesystem;

namespace {

// Removes the files of a folder except those that stay; returns how many of them were shards.
Index RemoveFiles(const std::string& folder, FunctionRef<bool(const std::string& name)> stays) {
  std::vector<fs::path> entries;
  for (const auto& entry : fs::directory_iterator(folder)) entries.push_back(entry.path());
  Index shards = 0;
  for (const fs::path& path : entries) {
    const std::string name = path.filename().string();
    if (stays(name)) continue;
    fs::remove(path);
    shards += name.ends_with(".h5") ? 1 : 0;
  }
  return shards;
}

}  // namespace

std::string ImportJournal::RecordFile(std::size_t chunk) const {
  return fmt::format("{}/chunk-{:06}.json", folder_, chunk);
}

std::string ImportJournal::SpeakersFile(std::size_t chunk) const {
  return fmt::format("{}/speakers-{:06}.json", folder_, chunk);
}

std::string ImportJournal::Scratch(int rank) const {
  return fmt::format("{}/spoken-{}", folder_, rank);
}

void ImportJournal::Make() const { MakeFolder(folder_); }

void ImportJournal::Remove() const { fs::remove_all(folder_); }

std::optional<ChunkRecord> ImportJournal::Find(std::size_t chunk,
                                               const std::string& plan_hash) const {
  const std::string file = RecordFile(chunk);
  if (!fs::exists(file)) return std::nullopt;
  try {
    ChunkRecord record = ChunkRecord::FromText(ReadTextFile(file));
    if (record.plan_hash != plan_hash) return std::nullopt;
    if (record.corpus.empty()) {
      return record.sequences == 0 ? std::optional(record) : std::nullopt;
    }
    for (const auto& [name, split] : CorpusFromJson(record.corpus, file).splits) {
      const std::string shard = out_ + "/" + split.shards.at(0).file;
      if (!fs::exists(shard) || static_cast<Index>(fs::file_size(shard)) != split.shards[0].bytes) {
        return std::nullopt;
      }
    }
    return record;
  } catch (const std::exception&) {
    return std::nullopt;  // damaged: the chunk is done again
  }
}

Index ImportJournal::Clean(const SpeechPlan& plan) const {
  std::set<std::string> kept;
  Index chunks = 0;
  for (std::size_t c = 0; c < plan.chunks.size(); ++c) {
    const auto record = Find(c, plan.hash);
    if (!record) continue;
    ++chunks;
    kept.insert(fs::path(RecordFile(c)).filename().string());
    if (record->corpus.empty()) continue;
    kept.insert(
        CorpusFromJson(record->corpus, RecordFile(c)).splits.begin()->second.shards[0].file);
  }
  // In the corpus folder only shards are the import's own.
  const Index shards = RemoveFiles(out_, [&](const std::string& name) {
    const auto is_of = [&](const std::string& split) { return IsShardOf(name, split); };
    return std::none_of(plan.splits.begin(), plan.splits.end(), is_of) || kept.contains(name);
  });
  const Index others =
      RemoveFiles(folder_, [&](const std::string& name) { return kept.contains(name); });
  if (shards + others > 0) {
    LogInfo(
        "{}: removed {} shards that an interrupted import left unfinished or made with other "
        "data or options",
        out_, shards + others);
  }
  return chunks;
}

}  // namespace lockstep
