#include "data/speech/manifests/line_index.h"

#include <algorithm>

#include "base/error.h"
#include "base/hash.h"
#include "base/line_reader.h"
#include "base/shell_word.h"
#include "base/text.h"
#include "data/speech/manifests/manifest.h"

namespace lockstep {
namespace {

constexpr const char* kLineEnds = "\r\n";

std::uint64_t HashOf(std::string_view word) { return Hash64(std::as_bytes(std::span(word))); }

}  // namespace

LineIndex::LineIndex(const std::string& path)
    : file_(RawFile::OpenForReading(path)), file_bytes_(file_.SizeBytes()) {
  LineReader lines(path, AnyBytes{});
  if (lines.is_gzip()) {  // lines are looked up by offset
    throw BadData(
        "{}: is compressed, which tables of Kaldi must not be: `gunzip < {} > NEW`, and "
        "give NEW this name",
        path, ShellQuoted(path));
  }
  for (std::string_view line; lines.Next(&line);) {
    std::string_view rest = Trim(line);
    if (rest.empty()) continue;
    entries_.push_back({HashOf(TakeWord(&rest)), static_cast<std::uint64_t>(lines.line_offset())});
  }
  entries_.shrink_to_fit();
  std::sort(entries_.begin(), entries_.end());
  used_.resize(entries_.size());
}

int LineIndex::Find(std::string_view word, std::string* rest) {
  const std::uint64_t hash = HashOf(word);
  int found = 0;
  auto entry = std::lower_bound(entries_.begin(), entries_.end(), Entry{hash, 0});
  for (; entry != entries_.end() && entry->hash == hash; ++entry) {
    const std::string line = ReadLine(static_cast<Index>(entry->offset));
    std::string_view text = Trim(line);
    if (TakeWord(&text) != word) continue;
    used_[static_cast<std::size_t>(entry - entries_.begin())] = true;
    if (found < 2 && ++found == 1) *rest = text;
  }
  return found;
}

Index LineIndex::unused() const {
  return static_cast<Index>(std::count(used_.begin(), used_.end(), false));
}

std::string LineIndex::FirstUnused() const {
  std::uint64_t first = static_cast<std::uint64_t>(file_bytes_);
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    if (!used_[i]) first = std::min(first, entries_[i].offset);
  }
  const std::string line = ReadLine(static_cast<Index>(first));
  std::string_view text = Trim(line);
  return std::string(TakeWord(&text));
}

std::string LineIndex::ReadLine(Index offset) const {
  constexpr Index kShortPiece = 256;
  std::string line;
  while (offset < file_bytes_ && line.size() < LineReader::kLongestLine) {
    const std::size_t kept = line.size();
    line.resize(kept + static_cast<std::size_t>(std::min(kShortPiece, file_bytes_ - offset)));
    file_.ReadAt(offset, std::as_writable_bytes(std::span(line).subspan(kept)));
    offset += static_cast<Index>(line.size() - kept);
    if (const std::size_t end = line.find_first_of(kLineEnds, kept); end != line.npos) {
      line.resize(end);
      break;
    }
  }
  return line;
}

}  // namespace lockstep
