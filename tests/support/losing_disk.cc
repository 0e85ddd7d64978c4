#include "tests/support/losing_disk.h"

#include <algorithm>

namespace lockstep {
namespace {

std::string FolderOf(const std::string& path) { return path.substr(0, path.rfind('/')); }

void Overwrite(std::string* bytes, std::size_t offset, const std::string& piece) {
  bytes->resize(std::max(bytes->size(), offset + piece.size()));
  bytes->replace(offset, piece.size(), piece);
}

bool Coin(std::mt19937* draw) { return (*draw)() % 2 == 0; }

// Applies a write of which each sector is random: written, missing or garbage. So is the new
// length.
void WriteTorn(std::string* bytes, std::size_t offset, const std::string& written,
               std::size_t sector, std::mt19937* draw) {
  if (Coin(draw)) bytes->resize(std::max(bytes->size(), offset + written.size()));
  for (std::size_t at = 0, size = 0; at < written.size(); at += size) {
    size = std::min(sector - (offset + at) % sector, written.size() - at);
    std::string piece = written.substr(at, size);
    const std::uint32_t fate = (*draw)() % 8;
    if (fate == 0) std::ranges::generate(piece, [&] { return static_cast<char>((*draw)()); });
    if (fate < 5) Overwrite(bytes, offset + at, piece);
  }
}

}  // namespace

LosingDisk::LosingDisk(const std::string& top) : top_(top) {
  names_[top] = lasting_[top] = std::make_shared<File>(File{true, "", {}});
}

void LosingDisk::Apply(const RecordedCall& call) {
  const std::string& name = call.operation;
  if (name == "start") open_.clear();
  if (name == "open") Open(call);
  if (name == "close") open_.erase(call.fd);
  if (name == "mkdir") {
    const auto made = std::make_shared<File>(File{true, "", {}});
    ChangeName(FolderOf(call.path), {"", call.path, made});
  }
  if (name == "link") ChangeName(FolderOf(call.to), {"", call.to, names_.at(call.path)});
  if (name == "rename") ChangeName(FolderOf(call.to), {call.path, call.to, names_.at(call.path)});
  if (name == "unlink") ChangeName(FolderOf(call.path), {call.path, "", nullptr});
  if (!open_.contains(call.fd)) return;
  const auto& [file, path] = open_.at(call.fd);
  if (name == "write") file->changes.push_back({call.offset, false, call.bytes, {}});
  if (name == "truncate") file->changes.push_back({call.offset, true, "", {}});
  if (name == "fsync") file->is_folder ? SyncFolder(path) : SyncFile(file.get());
  if (name == "lost") {
    for (Change& change : file->changes) {
      if (change.fate == Change::kPending) change.fate = Change::kLost;
    }
  }
}

void LosingDisk::Open(const RecordedCall& call) {
  if (!Exists(call.path)) {
    ChangeName(FolderOf(call.path), {"", call.path, std::make_shared<File>()});
  }
  const FileRef file = names_.at(call.path);
  if (call.empties) file->changes.push_back({0, true, "", {}});
  open_[call.fd] = {file, call.path};
}

// What was lost stays a matter of chance, and what came after it stays on top of it.
void LosingDisk::SyncFile(File* file) {
  const auto is_lost = [](const Change& change) { return change.fate == Change::kLost; };
  if (std::ranges::any_of(file->changes, is_lost)) {
    for (Change& change : file->changes) {
      if (!is_lost(change)) change.fate = Change::kSynced;
    }
    return;
  }
  std::mt19937 unused;
  file->synced = BytesAfter(*file, Kept::kAll, &unused);
  file->changes.clear();
}

void LosingDisk::ChangeName(const std::string& folder, NameChange change) {
  if (!change.removed.empty()) names_.erase(change.removed);
  if (!change.added.empty()) names_[change.added] = change.file;
  pending_[folder].push_back(std::move(change));
}

void LosingDisk::SyncFolder(const std::string& folder) {
  for (const NameChange& change : pending_[folder]) {
    if (!change.removed.empty()) lasting_.erase(change.removed);
    if (!change.added.empty()) lasting_[change.added] = change.file;
  }
  pending_.erase(folder);
}

std::string LosingDisk::BytesAfter(const File& file, Kept kept, std::mt19937* draw) {
  std::string bytes = file.synced;
  const std::size_t sector = Coin(draw) ? 512 : 4096;
  for (const Change& change : file.changes) {
    const std::size_t offset = static_cast<std::size_t>(change.offset);
    const bool whole = kept == Kept::kAll || change.fate == Change::kSynced;
    if (!whole && kept == Kept::kSynced) continue;
    if (change.truncates) {
      if (whole || Coin(draw)) bytes.resize(offset);
    } else if (whole) {
      Overwrite(&bytes, offset, change.bytes);
    } else {
      WriteTorn(&bytes, offset, change.bytes, sector, draw);
    }
  }
  return bytes;
}

LosingDisk::Contents LosingDisk::AfterPowerCut(Loss loss, std::mt19937* draw) const {
  const bool keeps_names = loss == Loss::kNothing || loss == Loss::kBytes;
  const bool loses_all = loss == Loss::kUnsynced;
  const bool keeps_bytes = loss == Loss::kNothing || loss == Loss::kNames;
  const Kept kept = keeps_bytes ? Kept::kAll : loses_all ? Kept::kSynced : Kept::kByChance;
  Names names = lasting_;
  for (const auto& [folder, changes] : pending_) {
    for (const NameChange& change : changes) {
      if (!keeps_names && (loses_all || Coin(draw))) continue;
      if (!change.removed.empty()) names.erase(change.removed);
      if (!change.added.empty()) names[change.added] = change.file;
    }
  }
  Contents contents;
  for (const auto& [path, file] : names) {
    if (path == top_) continue;
    const std::string above = FolderOf(path);
    if (above != top_ && !contents.contains(above + "/")) continue;  // lost with its folder
    if (file->is_folder) {
      contents[path + "/"];
    } else {
      contents[path] = BytesAfter(*file, kept, draw);
    }
  }
  return contents;
}

std::string LosingDisk::Read(const std::string& path) const {
  std::mt19937 unused;
  return BytesAfter(*names_.at(path), Kept::kAll, &unused);
}

bool LosingDisk::NameLasts(const std::string& path) const {
  if (path == top_) return true;
  const auto found = lasting_.find(path);
  return found != lasting_.end() && found->second == names_.at(path) && NameLasts(FolderOf(path));
}

}  // namespace lockstep
