#include "data/corpus/split_shards.h"

#include <sys/resource.h>

#include <algorithm>

#include "base/error.h"
#include "base/rank_status.h"
#include "data/corpus/record.h"

namespace lockstep {
namespace {

// A quarter of the allowed files. The rest is for MPI, which has a connection to each rank that
// this one exchanges messages with.
std::size_t MostOpenFiles() {
  constexpr rlim_t kShare = 4;
  struct rlimit limit {};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return SplitShards::kMostOpenShards;
  return std::clamp<rlim_t>(limit.rlim_cur / kShare, 1, SplitShards::kMostOpenShards);
}

}  // namespace

SplitShards::SplitShards(std::string folder, const CorpusInfo& info, const SplitInfo& split,
                         TableSource* source)
    : folder_(std::move(folder)),
      info_(info),
      split_(split),
      source_(source),
      most_open_(MostOpenFiles()) {
  for (std::size_t f = 0; f < info.schema.fields.size(); ++f) {
    buffers_.fields.emplace_back().reserve(
        static_cast<std::size_t>(split.fields[f].longest * RowBytes(info.schema.fields[f])));
  }
}

const ShardReader& SplitShards::ForLengths(Index shard) {
  if (window_is_read_) BeginWindow();
  return *Find(shard).reader;
}

ShardReader& SplitShards::ForReading(Index shard) {
  window_is_read_ = true;
  ShardReader& reader = *Find(shard).reader;
  if (!reader.is_open()) MakeRoom();
  return reader;
}

// Drops the tables of the previous window. Readers stay: without its tables, a reader is little
// more than an open file.
void SplitShards::BeginWindow() {
  window_is_read_ = false;
  if (is_one_window_) return;
  std::erase_if(entries_, [](const auto& entry) { return !entry.second.reader->is_open(); });
  for (auto& [shard, entry] : entries_) entry.reader->DropTables();
}

// Finds or makes the reader of a shard. Makes room first, because reading the tables opens a file.
SplitShards::Entry& SplitShards::Find(Index shard) {
  Entry& entry = entries_[shard];
  entry.used = ++questions_;
  if (entry.reader != nullptr && entry.reader->has_tables()) return entry;
  auto tables = TablesOf(shard);
  if (tables == nullptr && (entry.reader == nullptr || !entry.reader->is_open())) MakeRoom();
  if (entry.reader != nullptr) {
    entry.reader->TakeTables(std::move(tables));
    return entry;
  }
  const ShardInfo& which = split_.shards[static_cast<std::size_t>(shard)];
  entry.reader = std::make_unique<ShardReader>(folder_, info_, which, &buffers_, std::move(tables));
  return entry;
}

std::shared_ptr<const ShardTables> SplitShards::TablesOf(Index shard) {
  if (source_ == nullptr) return nullptr;
  std::unique_lock<std::mutex> lock(mutex_);
  changed_.wait(lock, [&] { return ended_ || given_.contains(shard); });
  if (ended_) throw std::runtime_error("the stream has ended");  // never shown to the user
  return given_.at(shard);
}

// If one more open file would be too many, closes the file that was used longest ago.
void SplitShards::MakeRoom() {
  if (open_shards() < most_open_) return;
  auto oldest = entries_.end();
  for (auto entry = entries_.begin(); entry != entries_.end(); ++entry) {
    const ShardReader* const reader = entry->second.reader.get();
    if (reader == nullptr || !reader->is_open()) continue;
    if (oldest == entries_.end() || entry->second.used < oldest->second.used) oldest = entry;
  }
  ShardReader& reader = *oldest->second.reader;
  reader.Close();
  if (!reader.has_tables()) entries_.erase(oldest);
}

std::size_t SplitShards::open_shards() const {
  return static_cast<std::size_t>(std::ranges::count_if(entries_, [](const auto& entry) {
    return entry.second.reader != nullptr && entry.second.reader->is_open();
  }));
}

const std::vector<std::vector<Index>>& SplitShards::Lengths() {
  while (lengths_.size() < split_.shards.size()) {
    Status().Beat();
    const auto shard = static_cast<Index>(lengths_.size());
    const ShardInfo& which = split_.shards[lengths_.size()];
    std::shared_ptr<const ShardTables> tables;
    if (source_ != nullptr) tables = source_->Fetch({shard})[0];
    const ShardReader reader(folder_, info_, which, &buffers_, std::move(tables));
    std::vector<Index> steps(static_cast<std::size_t>(reader.sequences()));
    for (Index record = 0; record < reader.sequences(); ++record) {
      steps[static_cast<std::size_t>(record)] = reader.Length(record);
    }
    lengths_.push_back(std::move(steps));
  }
  return lengths_;
}

void SplitShards::BeginStream(Index window_sequences) {
  is_one_window_ = split_.shards.size() == 1 || split_.sequences <= window_sequences;
  ended_ = false;
}

void SplitShards::EndStream() {
  const std::lock_guard<std::mutex> lock(mutex_);
  ended_ = true;
  changed_.notify_all();
}

void SplitShards::Give(Index shard, std::shared_ptr<const ShardTables> tables) {
  const std::lock_guard<std::mutex> lock(mutex_);
  given_[shard] = std::move(tables);
  changed_.notify_all();
}

void SplitShards::Forget(const std::vector<Index>& kept) {
  const std::lock_guard<std::mutex> lock(mutex_);
  std::erase_if(given_,
                [&](const auto& entry) { return !std::ranges::binary_search(kept, entry.first); });
}

}  // namespace lockstep
