#include "data/text/word_vectors.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <optional>
#include <utility>
#include <vector>

#include "base/characters.h"
#include "base/error.h"
#include "base/gzip_reader.h"
#include "base/text.h"

namespace lockstep {
namespace {

using Use = std::function<void(std::string_view, std::span<const float>)>;
constexpr std::size_t kLongestLine = std::size_t{1} << 20;

// The bytes of a file, of which those that were not used yet are at hand.
class Bytes {
 public:
  explicit Bytes(const std::string& path) : reader_(path) {}

  // Makes at least `count` bytes available, if the file has so many; returns what is available.
  std::string_view Peek(std::size_t count) {
    while (rest().size() < count && !ended_) {
      buffer_.erase(0, std::exchange(begin_, 0));
      const auto piece = reader_.Next();
      ended_ = piece.empty();
      buffer_.append(piece.data(), piece.size());
    }
    return rest();
  }
  void Drop(std::size_t count) { begin_ += count; }
  // The next line without its end, valid until the next call; nothing at the end of the file.
  std::optional<std::string_view> Line() {
    std::size_t end = std::string_view::npos;
    for (std::size_t wanted = 1024; end == std::string_view::npos; wanted *= 2) {
      const std::string_view seen = Peek(std::min(wanted, kLongestLine));
      end = seen.find('\n');
      if (end != seen.npos || seen.size() < std::min(wanted, kLongestLine)) break;
      if (wanted >= kLongestLine)
        throw BadData("{}:{}: the line is longer than {} bytes, so these are no word vectors",
                      reader_.path(), line_ + 1, kLongestLine);
    }
    if (rest().empty()) return std::nullopt;
    ++line_;
    std::string_view line = rest().substr(0, end);
    Drop(std::min(line.size() + 1, rest().size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    return line;
  }
  Index line() const { return line_; }

 private:
  std::string_view rest() const { return std::string_view(buffer_).substr(begin_); }

  GzipReader reader_;
  std::string buffer_;
  std::size_t begin_ = 0;
  bool ended_ = false;
  Index line_ = 0;
};

std::vector<std::string_view> PartsOf(std::string_view line) {
  std::vector<std::string_view> parts;
  for (std::size_t begin = 0; begin < line.size();) {
    const std::size_t end = std::min(line.find_first_of(" \t", begin), line.size());
    if (end > begin) parts.push_back(line.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

// "WORDS WIDTH", the first line of word2vec.
struct Header {
  Index words = 0;
  Index width = 0;
};
std::optional<Header> HeaderOf(std::string_view line) {
  const auto parts = PartsOf(line);
  Header header;
  const bool is_header = parts.size() == 2 && ReadNumber(std::string(parts[0]), &header.words) &&
                         ReadNumber(std::string(parts[1]), &header.width);
  if (!is_header || header.words < 0 || header.width < 1) return std::nullopt;
  return header;
}

void RequireWidth(const std::string& path, Index found, Index width) {
  if (found == width) return;
  throw UsageError(
      "model.embeddings: the vectors of {} have {} values, the embedding of the model {}: set "
      "model.embedding_size = {}",
      path, found, width, found);
}

class VectorReader {
 public:
  VectorReader(const std::string& path, Index width, const Use& use)
      : path_(path),
        width_(width),
        use_(use),
        bytes_(path),
        values_(static_cast<std::size_t>(width)) {}

  WordVectorFile Read() {
    constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
    if (bytes_.Peek(kByteOrderMark.size()).starts_with(kByteOrderMark))
      bytes_.Drop(kByteOrderMark.size());
    const auto first = bytes_.Line();
    if (!first) throw BadData("{}: the file is empty; it has no word vectors", path_);
    const auto header = HeaderOf(*first);
    if (!header) {
      file_.form = "GloVe text";
      // A word may have blanks in it, but hardly the first one.
      RequireWidth(path_, std::ssize(PartsOf(*first)) - 1, width_);
      ReadLine(*first);
      ReadLines();
      return file_;
    }
    RequireWidth(path_, header->width, width_);
    const bool is_binary = LooksBinary();
    file_.form = is_binary ? "word2vec binary" : "word2vec text";
    is_binary ? ReadBinary(header->words) : ReadLines();
    if (file_.words != header->words) {
      throw BadData("{}: the first line says {} words, the file has {}; it is cut or damaged",
                    path_, header->words, file_.words);
    }
    return file_;
  }

 private:
  // Text has as many numbers behind the first word as the header says.
  bool LooksBinary() {
    const std::string_view seen = bytes_.Peek(kLongestLine).substr(0, kLongestLine);
    const auto parts = PartsOf(seen.substr(0, seen.find('\n')));
    if (std::ssize(parts) < width_ + 1) return !seen.empty();
    double value = 0;
    return !std::all_of(parts.end() - width_, parts.end(), [&](std::string_view part) {
      return ReadNumber(std::string(part), &value);
    });
  }

  void ReadLines() {
    while (const auto line = bytes_.Line()) {
      if (!line->empty()) ReadLine(*line);
    }
  }

  void ReadLine(std::string_view line) {
    const auto parts = PartsOf(line);
    const Index count = std::ssize(parts) - 1;
    if (count < width_) {
      throw BadData(
          "{}:{}: the line has {} values after its word, {} are needed; the file is cut "
          "or damaged",
          path_, bytes_.line(), std::max<Index>(count, 0), width_);
    }
    const auto first = static_cast<std::size_t>(count + 1 - width_);
    for (std::size_t k = 0; k < values_.size(); ++k) {
      double value = 0;
      if (!ReadNumber(std::string(parts[first + k]), &value)) value = std::nan("");
      values_[k] = static_cast<float>(value);
      if (!std::isfinite(values_[k])) {
        throw BadData("{}:{}: value {} is {}, allowed are finite numbers", path_, bytes_.line(),
                      k + 1, Printable(parts[first + k], 20));
      }
    }
    const std::string_view word(
        parts[0].data(), static_cast<std::size_t>(parts[first - 1].data() - parts[0].data()) +
                             parts[first - 1].size());
    Tell(word, bytes_.line());
  }

  void ReadBinary(Index words) {
    const std::size_t bytes = values_.size() * sizeof(float);
    for (Index n = 1; !bytes_.Peek(1).empty(); ++n) {
      if (bytes_.Peek(1)[0] == '\n') bytes_.Drop(1);
      const std::string_view seen = bytes_.Peek(kLongestVectorWord + 1 + bytes);
      if (seen.empty()) break;
      const std::size_t blank = seen.find(' ');
      const bool fits = n <= words && blank <= kLongestVectorWord && seen.size() > blank + bytes;
      if (!fits) {
        throw BadData(
            "{}: word {} of {} is not followed by {} values, or longer than {} bytes; the "
            "file is cut or damaged",
            path_, n, words, width_, kLongestVectorWord);
      }
      std::memcpy(values_.data(), seen.data() + blank + 1, bytes);
      if (!std::ranges::all_of(values_, [](float value) { return std::isfinite(value); }))
        throw BadData("{}: a value of word {} is no finite number", path_, n);
      Tell(seen.substr(0, blank), n);
      bytes_.Drop(blank + 1 + bytes);
    }
  }

  void Tell(std::string_view word, Index place) {
    if (word.empty() || word.size() > kLongestVectorWord) {
      throw BadData("{}:{}: a word has {} bytes, allowed are 1 to {}", path_, place, word.size(),
                    kLongestVectorWord);
    }
    ++file_.words;
    use_(word, values_);
  }

  const std::string& path_;
  const Index width_;
  const Use& use_;
  Bytes bytes_;
  std::vector<float> values_;
  WordVectorFile file_;
};

}  // namespace

WordVectorFile ReadWordVectors(const std::string& path, Index width, const Use& use) {
  return VectorReader(path, width, use).Read();
}

}  // namespace lockstep
