#include "data/speech/manifests/id_table.h"

#include <algorithm>

#include "base/error.h"
#include "base/hash.h"

namespace lockstep {

std::string IdTable::Add(const std::string& id, const std::string& source) {
  if (10 * (used_ + 1) > 7 * entries_.size()) Grow();
  const std::uint64_t hash = std::max<std::uint64_t>(Hash64(std::as_bytes(std::span(id))), 1);
  Entry& entry = Slot(hash);
  if (entry.hash != 0) return fmt::format("{}:{}", files_[entry.file], entry.line);
  const std::size_t colon = source.rfind(':');
  const auto [file, is_new] =
      file_number_.emplace(source.substr(0, colon), static_cast<std::uint32_t>(files_.size()));
  if (is_new) files_.push_back(file->first);
  entry = {hash, file->second, static_cast<std::uint32_t>(std::stoul(source.substr(colon + 1)))};
  ++used_;
  return "";
}

// The entry with this hash, or the free entry where it must be stored.
IdTable::Entry& IdTable::Slot(std::uint64_t hash) {
  std::size_t at = hash % entries_.size();
  while (entries_[at].hash != 0 && entries_[at].hash != hash) at = (at + 1) % entries_.size();
  return entries_[at];
}

void IdTable::Grow() {
  std::vector<Entry> old(std::max<std::size_t>(1024, entries_.size() * 3 / 2));
  std::swap(old, entries_);
  for (const Entry& entry : old) {
    if (entry.hash != 0) Slot(entry.hash) = entry;
  }
}

}  // namespace lockstep
