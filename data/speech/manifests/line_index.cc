#include "data/speech/manifests/line_index.h"

#include <algorithm>
#include <fstream>

#include "base/gzip_lines.h"
#include "base/hash.h"
#include "base/text.h"
#include "data/speech/manifests/manifest.h"

namespace lockstep {
namespace {

std::uint64_t HashOf(std::string_view word) { return Hash64(std::as_bytes(std::span(word))); }

}  // namespace

LineIndex::LineIndex(const std::string& path)
    : file_(RawFile::OpenForReading(path)),
      file_bytes_(static_cast<std::uint64_t>(file_.SizeBytes())) {
  std::ifstream lines(path, std::ios::binary);
  std::uint64_t offset = 0;
  for (std::string line; std::getline(lines, line); offset += line.size() + 1) {
    std::string_view rest = Trim(line);
    if (!rest.empty()) entries_.push_back({HashOf(TakeWord(&rest)), offset});
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
    if (const std::size_t end = line.find('\n', kept); end != line.npos) {
      line.resize(end);
      break;
    }
  }
  return line;
}

}  // namespace lockstep
