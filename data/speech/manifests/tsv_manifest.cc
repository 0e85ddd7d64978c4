#include "data/speech/manifests/tsv_manifest.h"

#include <algorithm>
#include <filesystem>

#include "base/error.h"
#include "base/line_reader.h"
#include "base/text.h"
#include "data/speech/manifests/manifest_fields.h"

namespace lockstep {
namespace {

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
    ReadHeader(header, spec.needs_transcripts);
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

  std::vector<std::string> Remarks() const override;
  std::vector<std::string> Notes() const override;

 private:
  void ReadHeader(std::string_view header, bool needs_transcripts);
  std::string_view Cell(const std::vector<std::string_view>& cells, ManifestField field);
  double Seconds(const std::vector<std::string_view>& cells, ManifestField field, double otherwise);
  int Channel(const std::vector<std::string_view>& cells);
  void Fill(const std::vector<std::string_view>& cells, Utterance& utterance);

  LineReader lines_;
  std::string root_;
  FieldNames names_;
  std::array<int, kManifestFields> column_{};  // [field]; -1: there is none
  std::size_t columns_ = 0;
  Index quoted_cells_ = 0;  // cells that are used, and begin and end in quotation marks
  Index first_quoted_ = 0;  // the line of the first
};

void TsvReader::ReadHeader(std::string_view header, bool needs_transcripts) {
  const std::vector<std::string_view> names = SplitAtTabs(header);
  columns_ = names.size();
  column_.fill(-1);
  try {
    for (std::size_t c = 0; c < names.size(); ++c) {
      const std::string_view name = Trim(names[c]);
      names_.Add(name);
      if (const auto field = FieldCalled(name)) {
        column_[static_cast<std::size_t>(*field)] = static_cast<int>(c);
      }
    }
    names_.Check();
  } catch (const InputError& error) {
    throw BadData("{}:1: {}", lines_.path(), error.what());
  }
  for (const ManifestField needed : {ManifestField::kPath, ManifestField::kText}) {
    if (!names_.Of(needed).empty()) continue;
    if (needed == ManifestField::kText && !needs_transcripts) continue;
    throw BadData("{}:1: the header has no column for the {}; it is \"{}\"", lines_.path(),
                  FieldName(needed), header);
  }
}

std::string_view TsvReader::Cell(const std::vector<std::string_view>& cells, ManifestField field) {
  const int column = column_[static_cast<std::size_t>(field)];
  if (column < 0) return {};
  const std::string_view cell = Trim(cells[static_cast<std::size_t>(column)]);
  if (cell.size() >= 2 && cell.starts_with('"') && cell.ends_with('"')) {
    if (quoted_cells_++ == 0) first_quoted_ = lines_.line_number();
  }
  return cell;
}

double TsvReader::Seconds(const std::vector<std::string_view>& cells, ManifestField field,
                          double otherwise) {
  const std::string_view text = Cell(cells, field);
  if (text.empty()) return otherwise;
  double seconds = 0;
  if (manifest::ParseSeconds(text, &seconds)) return seconds;
  throw BadData("column \"{}\" is \"{}\", allowed are seconds, 0 or more", names_.Of(field), text);
}

int TsvReader::Channel(const std::vector<std::string_view>& cells) {
  const std::string_view text = Cell(cells, ManifestField::kChannel);
  int channel = Utterance::kNoChannel;
  if (text.empty() || ParseChannel(text, &channel)) return channel;
  throw BadData("column \"channel\" is \"{}\", allowed are whole numbers from 0 to 1023 and mix",
                text);
}

void TsvReader::Fill(const std::vector<std::string_view>& cells, Utterance& utterance) {
  if (cells.size() != columns_) {
    throw BadData("the line has {} columns, the header {}", cells.size(), columns_);
  }
  const std::string_view path = Cell(cells, ManifestField::kPath);
  if (path.empty()) throw BadData("the path is empty");
  utterance.path = manifest::Resolve(root_, path);
  utterance.begin_seconds = Seconds(cells, ManifestField::kBegin, 0);
  utterance.end_seconds = manifest::EndOf(
      utterance.begin_seconds, Seconds(cells, ManifestField::kEnd, Utterance::kToTheEnd),
      Seconds(cells, ManifestField::kDuration, Utterance::kToTheEnd));
  utterance.channel = Channel(cells);
  utterance.speaker = Cell(cells, ManifestField::kSpeaker);
  utterance.transcript = Cell(cells, ManifestField::kText);
  utterance.id = Cell(cells, ManifestField::kId);
  if (utterance.id.empty() && !names_.Of(ManifestField::kId).empty()) {
    throw BadData("the id is empty");
  }
  if (utterance.id.empty()) {
    utterance.id = path;
    if (const std::string_view begin = Cell(cells, ManifestField::kBegin); !begin.empty()) {
      utterance.id += fmt::format("@{}", begin);
    }
  }
}

std::vector<std::string> TsvReader::Remarks() const {
  if (quoted_cells_ == 0) return {};
  return {fmt::format(
      "{}: {} cells begin and end in quotation marks, the first in line {}; they are taken as they "
      "stand, marks included. If the marks only enclose the cells, write the file without them "
      "(Python: csv.writer(..., delimiter='\\t', quoting=csv.QUOTE_NONE, quotechar=None))",
      lines_.path(), quoted_cells_, first_quoted_)};
}

std::vector<std::string> TsvReader::Notes() const {
  if (names_.unknown().empty()) return {};
  return {fmt::format("{}: columns that are not used: \"{}\"", lines_.path(),
                      fmt::join(names_.unknown(), "\", \""))};
}

}  // namespace

std::unique_ptr<ManifestReader> OpenTsvManifest(const ManifestSpec& spec) {
  return std::make_unique<TsvReader>(spec);
}

}  // namespace lockstep
