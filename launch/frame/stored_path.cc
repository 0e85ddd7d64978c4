#include "launch/frame/stored_path.h"

#include <filesystem>
#include <string_view>

#include "base/error.h"
#include "base/input_file.h"

namespace lockstep {
namespace {

namespace fs = std::filesystem;

constexpr const char* kKinds = "a corpus folder, a shard, a run folder or a checkpoint";

StoredPath RecogniseFolder(const std::string& path) {
  if (fs::is_directory(path + "/checkpoints")) return {StoredKind::kRun, path, ""};
  if (fs::exists(path + "/" + kCorpusIndexName)) return {StoredKind::kCorpus, path, ""};
  throw MissingInput(
      "{}: neither a run folder (no checkpoints/) nor a corpus folder (no {}, which prepare writes "
      "last); give {}",
      path, kCorpusIndexName, kKinds);
}

bool BeginsWith(const std::string& path, std::string_view magic) {
  return FirstBytes(path, magic.size()) == magic;
}

// The name decides when the beginning of the file is damaged.
StoredPath RecogniseFile(const fs::path& path) {
  using std::string_view_literals::operator""sv;
  const std::string folder = path.has_parent_path() ? path.parent_path().string() : ".";
  const std::string name = path.filename().string();
  if (name == kCorpusIndexName) return RecogniseFolder(folder);
  if (name.starts_with("step-") || BeginsWith(path.string(), "LOCKSTEP"sv)) {
    return {StoredKind::kCheckpoint, folder, name};
  }
  const bool in_corpus = fs::exists(folder + "/" + kCorpusIndexName);
  if ((in_corpus && name.ends_with(".h5")) || BeginsWith(path.string(), "\x89HDF\r\n\x1a\n"sv)) {
    return {StoredKind::kShard, folder, name};
  }
  throw BadData("{}: neither a checkpoint nor a shard by its name and first bytes; give {}",
                path.string(), kKinds);
}

}  // namespace

StoredPath Recognise(const std::string& path) {
  if (!fs::exists(path)) throw MissingInput("{}: there is no such path; give {}", path, kKinds);
  std::string trimmed = path;
  while (trimmed.size() > 1 && trimmed.ends_with('/')) trimmed.pop_back();
  return fs::is_directory(trimmed) ? RecogniseFolder(trimmed) : RecogniseFile(trimmed);
}

void RequireRunFolder(const std::string& path) {
  if (!fs::is_directory(path)) {
    throw MissingInput("cannot read run {}: there is no such folder; give the one that train made",
                       path);
  }
  for (const char* part : {"checkpoints", kCorpusIndexName}) {
    if (fs::exists(path + "/" + part)) continue;
    throw MissingInput("cannot read run {}: it has no {}; give a folder that train made", path,
                       part);
  }
}

ListedShard FindShard(const CorpusInfo& corpus, const StoredPath& path) {
  for (const auto& [split, info] : corpus.splits) {
    for (const ShardInfo& shard : info.shards) {
      if (shard.file == path.file) return {split, &shard};
    }
  }
  throw BadData("{}: {} beside it lists no shard of that name; a shard is read by its index",
                path.full(), kCorpusIndexName);
}

}  // namespace lockstep
