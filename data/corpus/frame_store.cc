#include "data/corpus/frame_store.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "base/durable_file.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/raw_file.h"

namespace lockstep {

Index FrameCollection::RecordingOf(Index frame) const {
  return std::upper_bound(offsets.begin(), offsets.end(), frame) - offsets.begin() - 1;
}

void FrameCollection::Add(const std::vector<float>& rows) {
  LOCKSTEP_CHECK_EQ(std::ssize(rows) % width, 0);
  values.insert(values.end(), rows.begin(), rows.end());
  offsets.push_back(offsets.back() + std::ssize(rows) / width);
}

FrameStore WriteFrameStore(const std::string& folder, const std::string& file,
                           const FrameCollection& frames) {
  FrameStore store{file, frames.width, {}, Hash128Hex(std::as_bytes(std::span(frames.values)))};
  for (Index r = 0; r < frames.recordings(); ++r) {
    const auto at = static_cast<std::size_t>(r);
    store.frames.push_back(frames.offsets[at + 1] - frames.offsets[at]);
  }
  const std::string path = folder + "/" + file;
  RemoveDurably(path);
  const std::span<const std::byte> bytes = std::as_bytes(std::span(frames.values));
  WriteDurably(path, std::span(&bytes, 1));
  return store;
}

FrameCollection ReadFrameStore(const std::string& folder, const FrameStore& store) {
  FrameCollection read;
  read.width = store.width;
  for (const Index frames : store.frames) read.offsets.push_back(read.offsets.back() + frames);
  const RawFile file = RawFile::OpenInside(folder, store.file);
  constexpr const char* kRemedy = "restore the file or prepare the corpus again";
  if (file.SizeBytes() != store.bytes()) {
    throw BadData("{}: has {} bytes, {} says {}; {}", file.path(), file.SizeBytes(),
                  kCorpusIndexName, store.bytes(), kRemedy);
  }
  read.values.resize(static_cast<std::size_t>(read.frames() * store.width));
  file.ReadAt(0, std::as_writable_bytes(std::span(read.values)));
  const std::string hash = Hash128Hex(std::as_bytes(std::span(read.values)));
  const bool finite =
      std::ranges::all_of(read.values, [](float value) { return std::isfinite(value); });
  if (hash == store.hash && finite) return read;
  throw BadData("{}: has the hash {}, {} says {}: it is damaged, or of another corpus; {}",
                file.path(), hash, kCorpusIndexName, store.hash, kRemedy);
}

}  // namespace lockstep
