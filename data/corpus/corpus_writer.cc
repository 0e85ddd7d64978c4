#include "data/corpus/corpus_writer.h"

#include <algorithm>
#include <cctype>
#include <filesystem>

#include "base/durable_file.h"
#include "base/error.h"
#include "base/log.h"
#include "base/output_name.h"

namespace lockstep {
namespace {

constexpr Index kIdsPerSplit = Index{1} << 40;
constexpr const char* kTemporaryPrefix = ".tmp-";

void RemoveLeftovers(const std::string& folder, const std::vector<std::string>& splits) {
  Index removed = 0;
  std::vector<std::filesystem::path> leftovers;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    const auto is_of = [&](const std::string& split) { return IsShardOf(name, split); };
    if (std::any_of(splits.begin(), splits.end(), is_of)) leftovers.push_back(entry.path());
  }
  for (const std::filesystem::path& path : leftovers) {
    std::error_code error;
    if (!std::filesystem::remove(path, error)) {
      throw IoError(fmt::format("cannot remove {}, left by an interrupted prepare: {}",
                                path.string(), error.message()),
                    ExitCode::kCannotCreate);
    }
    ++removed;
  }
  if (removed > 0) {
    LogInfo("{}: removed {} shards that an interrupted prepare left", folder, removed);
  }
}

}  // namespace

namespace {

// A temporary name has numbers and dashes before the name of the shard; older versions of the
// program wrote none.
bool IsTemporaryShardOf(std::string name, const std::string& split) {
  name.erase(0, std::string(kTemporaryPrefix).size());
  for (int numbers = 0; numbers < 3 && !IsShardOf(name, split); ++numbers) {
    const std::size_t digits = name.find_first_not_of("0123456789");
    if (digits == 0 || digits == std::string::npos || name[digits] != '-') return false;
    name.erase(0, digits + 1);
  }
  return IsShardOf(name, split);
}

}  // namespace

bool IsShardOf(const std::string& name, const std::string& split) {
  const std::string suffix = ".h5";
  if (name.starts_with(kTemporaryPrefix)) return IsTemporaryShardOf(name, split);
  if (!name.starts_with(split + "-") || !name.ends_with(suffix)) return false;
  const std::string digits =
      name.substr(split.size() + 1, name.size() - split.size() - 1 - suffix.size());
  const auto is_digit = [](unsigned char c) { return std::isdigit(c) != 0; };
  return digits.size() >= 5 && std::all_of(digits.begin(), digits.end(), is_digit);
}

void RefuseExistingCorpus(const std::string& folder) {
  const std::string index = folder + "/" + kCorpusIndexName;
  if (!IsTaken(index)) return;
  throw IoError(fmt::format("cannot prepare a corpus in {}: {} exists, so there is a complete "
                            "corpus already; remove the folder or choose another --out",
                            folder, index),
                ExitCode::kCannotCreate);
}

CorpusWriter::CorpusWriter(const std::string& folder, const CorpusInfo& header,
                           const std::vector<std::string>& splits, Index shard_bytes)
    : folder_(folder), lock_(folder, "--out"), info_(header) {
  RefuseExistingCorpus(folder);
  RemoveLeftovers(folder, splits);
  Index first_sample_id = 0;
  for (const std::string& split : splits) {
    writers_[split] =
        std::make_unique<ShardWriter>(folder, split, info_, first_sample_id, shard_bytes);
    first_sample_id += kIdsPerSplit;
  }
}

ShardWriter& CorpusWriter::Writer(const std::string& split) {
  const auto found = writers_.find(split);
  LOCKSTEP_CHECK(found != writers_.end());
  return *found->second;
}

void CorpusWriter::SetSource(Index source) {
  LOCKSTEP_CHECK(source >= 0 && source < std::max<Index>(1, std::ssize(info_.sources)));
  for (auto& [name, writer] : writers_) writer->SetSource(source);
}

CorpusInfo CorpusWriter::Finish(const std::string& provenance) {
  for (auto& [name, writer] : writers_) {
    SplitInfo split = writer->Finish();
    if (split.sequences > 0) info_.splits[name] = std::move(split);
  }
  if (info_.splits.empty())
    throw BadData("cannot prepare {}: there is no sample to write", folder_);
  info_.provenance = provenance;
  return PublishCorpusIndex(folder_, info_);
}

CorpusInfo PublishCorpusIndex(const std::string& folder, const CorpusInfo& info) {
  const std::string text = CorpusToJson(info);
  const std::string file = folder + "/" + kCorpusIndexName;
  CorpusInfo finished = CorpusFromJson(text, file);
  WriteDurably(file, text);
  return finished;
}

}  // namespace lockstep
