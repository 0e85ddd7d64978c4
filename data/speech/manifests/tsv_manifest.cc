#include "data/speech/manifests/tsv_manifest.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <map>

#include "base/error.h"
#include "base/line_reader.h"
#include "base/text.h"

namespace lockstep {
namespace {

// The field that each column name fills.
const std::map<std::string_view, std::string> kFieldOf = {{"id", "id"},
                                                          {"path", "path"},
                                                          {"audio", "path"},
                                                          {"file", "path"},
                                                          {"text", "text"},
                                                          {"sentence", "text"},
                                                          {"transcript", "text"},
                                                          {"speaker", "speaker"},
                                                          {"begin", "begin"},
                                                          {"start", "begin"},
                                                          {"end", "end"},
                                                          {"channel", "channel"},
                                                          {"client_id", "speaker"}};

std::vector<std::string_view> SplitAtTabs(std::string_view line) {
  std::vector<std::string_view> cells;
  for (std::size_t begin = 0; begin <= line.size();) {
    const std::size_t end = std::min(line.find('\t', begin), line.size());
    cells.push_back(line.substr(begin, end - begin));
    begin = end + 1;
  }
  return cells;
}

class TsvReader : public ManifestReader {
 public:
  explicit TsvReader(const ManifestSpec& spec)
      : lines_(spec.path, AnyBytes{}), root_(manifest::RootOf(spec)) {
    std::string_view header;
    if (!lines_.Next(&header)) throw BadData("{}: is empty, not even a header", spec.path);
    ReadHeader(header);
    const std::string clips = manifest::Resolve(root_, "clips");
    const bool common_voice = std::string_view(header).find("sentence") != header.npos;
    if (common_voice && spec.audio_root.empty() && std::filesystem::is_directory(clips)) {
      root_ = clips;
    }
  }

  bool Next(Utterance* utterance) override {
    return manifest::NextOfLines(
        &lines_, utterance, [&](std::string_view line) { Fill(SplitAtTabs(line), *utterance); });
  }

 private:
  void ReadHeader(std::string_view header) {
    const std::vector<std::string_view> names = SplitAtTabs(header);
    columns_ = names.size();
    for (std::size_t c = 0; c < names.size(); ++c) {
      const auto field = kFieldOf.find(names[c]);
      if (field == kFieldOf.end()) continue;
      if (!column_.emplace(field->second, c).second) {
        throw BadData("{}:1: two columns give the {} of an utterance", lines_.path(),
                      field->second);
      }
    }
    for (const char* needed : {"path", "text"}) {
      if (column_.contains(needed)) continue;
      throw BadData("{}:1: the header has no column for the {}; it is \"{}\"", lines_.path(),
                    needed, header);
    }
  }

  std::string_view Cell(const std::vector<std::string_view>& cells, const char* field) const {
    const auto column = column_.find(field);
    return column == column_.end() ? std::string_view() : Trim(cells[column->second]);
  }

  void Fill(const std::vector<std::string_view>& cells, Utterance& utterance) const;

  LineReader lines_;
  std::string root_;
  std::map<std::string, std::size_t, std::less<>> column_;  // field -> column
  std::size_t columns_ = 0;
};

void ParseTime(std::string_view text, const char* name, double* seconds) {
  if (text.empty() || manifest::ParseSeconds(text, seconds)) return;
  throw BadData("column \"{}\" is \"{}\", allowed are seconds, 0 or more", name, text);
}

void TsvReader::Fill(const std::vector<std::string_view>& cells, Utterance& utterance) const {
  if (cells.size() != columns_) {
    throw BadData("the line has {} columns, the header {}", cells.size(), columns_);
  }
  const std::string_view path = Cell(cells, "path");
  if (path.empty()) throw BadData("the path is empty");
  utterance.path = manifest::Resolve(root_, path);
  ParseTime(Cell(cells, "begin"), "begin", &utterance.begin_seconds);
  ParseTime(Cell(cells, "end"), "end", &utterance.end_seconds);
  if (const std::string_view text = Cell(cells, "channel"); !text.empty()) {
    const char* end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, utterance.channel);
    if (error != std::errc() || rest != end || utterance.channel < 0) {
      throw BadData("column \"channel\" is \"{}\", allowed is a whole number from 0", text);
    }
  }
  utterance.speaker = Cell(cells, "speaker");
  utterance.transcript = Cell(cells, "text");
  utterance.id = Cell(cells, "id");
  if (utterance.id.empty() && column_.contains("id")) throw BadData("the id is empty");
  if (utterance.id.empty()) {
    utterance.id = path;
    if (const std::string_view begin = Cell(cells, "begin"); !begin.empty()) {
      utterance.id += fmt::format("@{}", begin);
    }
  }
}

}  // namespace

std::unique_ptr<ManifestReader> OpenTsvManifest(const ManifestSpec& spec) {
  return std::make_unique<TsvReader>(spec);
}

}  // namespace lockstep
