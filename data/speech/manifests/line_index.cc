#include "data/speech/manifests/line_index.h"

#include <algorithm>

#include "base/error.h"
#include "base/gzip_lines.h"
#include "base/hash.h"
#include "base/text.h"
#include "data/speech/manifests/manifest.h"

namespace lockstep {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr Index kPieceBytes = Index{1} << 18;
constexpr const char* kLineEnds = "\r\n";

std::uint64_t HashOf(std::string_view word) { return Hash64(std::as_bytes(std::span(word))); }

}  // namespace

LineIndex::LineIndex(const std::string& path)
    : file_(RawFile::OpenForReading(path)), file_bytes_(file_.SizeBytes()) {
  CheckFirstBytes();
  std::string line, piece;
  Index line_begin = 0;
  const auto end_line = [&](Index next) {
    AddLine(line, line_begin);
    line.clear();
    line_begin = next;
  };
  for (Index at = 0; at < file_bytes_; at += std::ssize(piece)) {
    piece.resize(static_cast<std::size_t>(std::min(kPieceBytes, file_bytes_ - at)));
    file_.ReadAt(at, std::as_writable_bytes(std::span(piece)));
    for (std::size_t begin = 0; begin < piece.size();) {
      const std::size_t end = std::min(piece.find_first_of(kLineEnds, begin), piece.size());
      line.append(piece, begin, end - begin);
      if (line.size() > LineReader::kLongestLine) {
        throw BadData(
            "{}: a line of more than {} bytes at byte {}; is this the file that was meant?", path,
            LineReader::kLongestLine, line_begin);
      }
      begin = end + 1;
      if (end < piece.size()) end_line(at + static_cast<Index>(begin));
    }
  }
  end_line(file_bytes_);
  entries_.shrink_to_fit();
  std::sort(entries_.begin(), entries_.end());
  used_.resize(entries_.size());
}

// Lines are looked up by offset, which needs a file that is not compressed.
void LineIndex::CheckFirstBytes() const {
  std::string head(static_cast<std::size_t>(std::min<Index>(file_bytes_, 2)), '\0');
  file_.ReadAt(0, std::as_writable_bytes(std::span(head)));
  if (head == "\x1F\x8B") {
    throw BadData(
        "{}: is compressed, which tables of Kaldi must not be: `gunzip < {} > NEW`, and "
        "give NEW this name",
        path(), path());
  }
  if (head == "\xFF\xFE" || head == "\xFE\xFF") {
    throw BadData(
        "{}: is UTF-16; make it UTF-8: `iconv -f UTF-16 -t UTF-8 {} > NEW`, and give NEW "
        "this name",
        path(), path());
  }
}

void LineIndex::AddLine(std::string_view line, Index offset) {
  if (offset == 0 && line.starts_with(kByteOrderMark)) {
    offset += static_cast<Index>(kByteOrderMark.size());
    line.remove_prefix(kByteOrderMark.size());
  }
  std::string_view rest = Trim(line);
  if (rest.empty()) return;
  entries_.push_back({HashOf(TakeWord(&rest)), static_cast<std::uint64_t>(offset)});
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
