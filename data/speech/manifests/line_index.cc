#include "data/speech/manifests/line_index.h"

#include <algorithm>

#include "base/error.h"
#include "base/hash.h"
#include "base/line_reader.h"
#include "base/text.h"
#include "data/speech/manifests/manifest.h"

namespace lockstep {
namespace {

std::uint64_t HashOf(std::string_view word) { return Hash64(std::as_bytes(std::span(word))); }

}  // namespace

LineIndex::LineIndex(const std::string& path)
    : file_(RawFile::OpenForReading(path)),
      file_bytes_(static_cast<std::uint64_t>(file_.SizeBytes())) {
  LineReader lines(path, AnyBytes{});
  if (lines.is_gzip()) {
    throw BadData(
        "cannot look up lines in {}: it is packed with gzip; unpack it with `gunzip < {} > FILE`",
        path, path);
  }
  for (std::string_view line; lines.Next(&line);) {
    std::string_view rest = Trim(line);
    if (rest.empty()) continue;
    entries_.push_back({HashOf(TakeWord(&rest)), static_cast<std::uint64_t>(lines.line_offset())});
  }
  entries_.shrink_to_fit();
  std::sort(entries_.begin(), entries_.end());
}

int LineIndex::Find(std::string_view word, std::string* rest) const {
  const std::uint64_t hash = HashOf(word);
  int found = 0;
  auto entry = std::lower_bound(entries_.begin(), entries_.end(), Entry{hash, 0});
  for (; entry != entries_.end() && entry->hash == hash && found < 2; ++entry) {
    const std::string line = ReadLine(entry->offset);
    std::string_view text = Trim(line);
    if (TakeWord(&text) != word) continue;
    if (++found == 1) *rest = text;
  }
  return found;
}

std::string LineIndex::ReadLine(std::uint64_t offset) const {
  constexpr std::uint64_t kPieceBytes = 256;
  std::string line;
  while (offset < file_bytes_ && line.size() < LineReader::kLongestLine) {
    const std::size_t kept = line.size();
    line.resize(kept + std::min(kPieceBytes, file_bytes_ - offset));
    file_.ReadAt(static_cast<Index>(offset), std::as_writable_bytes(std::span(line).subspan(kept)));
    offset += line.size() - kept;
    if (const std::size_t end = line.find_first_of("\r\n", kept); end != line.npos) {
      line.resize(end);
      break;
    }
  }
  return line;
}

}  // namespace lockstep
