#include "data/speech/manifests/kaldi_manifest.h"

#include <cmath>
#include <filesystem>
#include <optional>

#include "base/characters.h"
#include "base/error.h"
#include "base/line_reader.h"
#include "base/text.h"
#include "data/speech/manifests/line_index.h"

namespace lockstep {
namespace {

bool ParseIndex(std::string_view text, Index* value) {
  return ReadNumber(text, value) && *value >= 0;
}

// Reads a range: "", ":" or "first:last".
bool ParseRange(std::string_view text, SliceRange* range) {
  if (text.empty() || text == ":") return true;
  const std::size_t colon = text.find(':');
  Index last = 0;
  if (colon == text.npos || !ParseIndex(text.substr(0, colon), &range->begin) ||
      !ParseIndex(text.substr(colon + 1), &last) || last < range->begin) {
    return false;
  }
  range->end = last + 1;
  return true;
}

// Removes "[rows]" or "[rows,columns]" from the end of the entry.
bool TakeRanges(std::string_view* entry, Utterance& utterance) {
  if (!entry->ends_with(']')) return true;
  const std::size_t open = entry->rfind('[');
  if (open == entry->npos) return false;
  const std::string_view text = entry->substr(open + 1, entry->size() - open - 2);
  const std::size_t comma = std::min(text.find(','), text.size());
  const bool parsed = ParseRange(text.substr(0, comma), &utterance.rows) &&
                      ParseRange(text.substr(std::min(comma + 1, text.size())), &utterance.columns);
  *entry = Trim(entry->substr(0, open));
  return parsed;
}

// Removes ":offset" from the end of the entry.
void TakeOffset(std::string_view* entry, Utterance& utterance) {
  const std::size_t colon = entry->rfind(':');
  if (colon == entry->npos || !ParseIndex(entry->substr(colon + 1), &utterance.ark_offset)) return;
  *entry = entry->substr(0, colon);
}

}  // namespace

std::string ParseScpEntry(std::string_view entry, const std::string& root, Utterance& utterance) {
  entry = Trim(entry);
  if (entry.empty()) return "the entry names no file";
  if (entry.ends_with('|') || entry.starts_with('|')) {
    return fmt::format(
        "the entry is a command (\"{}\"), and commands are never run from a list of data: run it "
        "yourself, and name the file that it makes",
        entry);
  }
  if (entry == "-") return "the entry is the standard input; name a file";
  const std::string whole(entry);
  utterance.rows = utterance.columns = {};
  utterance.ark_offset = 0;
  if (!TakeRanges(&entry, utterance)) {
    return fmt::format("the range of \"{}\" is not of the form [first:last,first:last]", whole);
  }
  TakeOffset(&entry, utterance);
  if (utterance.kind == UtteranceKind::kAudio && entry != whole) {
    return fmt::format(
        "\"{}\" is a recording inside an archive, which is not read; unpack it to a file", whole);
  }
  utterance.path = manifest::Resolve(root, entry);
  return "";
}

namespace {

class KaldiReader : public ManifestReader {
 public:
  KaldiReader(const ManifestSpec& spec, UtteranceKind kind)
      : kind_(kind),
        root_(spec.audio_root.empty() ? spec.path : spec.audio_root),
        has_text_(spec.needs_transcripts || Exists(spec, "text")),
        text_(spec.path + (has_text_ ? "/text" : TableOf(spec, kind)), AnyBytes{}),
        recordings_(spec.path + (kind == UtteranceKind::kArk ? "/feats.scp" : "/wav.scp")) {
    const auto open = [&](const char* name, std::optional<LineIndex>& index) {
      const std::string path = spec.path + "/" + name;
      if (std::filesystem::exists(path)) index.emplace(path);
    };
    if (kind == UtteranceKind::kAudio) open("segments", segments_);
    open("utt2spk", speakers_);
  }

  bool Next(Utterance* utterance) override {
    *utterance = {};
    std::string_view line;
    do {
      if (!text_.Next(&line)) return false;
    } while (Trim(line).empty());
    utterance->source = manifest::Source(text_.path(), text_.line_number());
    utterance->kind = kind_;
    std::string_view rest = Trim(line);
    utterance->id = TakeWord(&rest);
    if (has_text_) utterance->transcript = rest;
    utterance->problem = Join(*utterance);
    return true;
  }

  std::vector<std::string> Remarks() const override {
    std::vector<std::string> remarks;
    const auto add = [&](const LineIndex& table, const char* lack, const std::string& other) {
      if (table.unused() == 0) return;
      remarks.push_back(fmt::format(
          "{}: {} of {} lines have no {} in {} and are left out, first {}", table.path(),
          table.unused(), table.size(), lack, other, Printable(table.FirstUnused())));
    };
    add(segments_ ? *segments_ : recordings_, "transcript", text_.path());
    if (segments_) add(recordings_, "stretch that is used", segments_->path());
    return remarks;
  }

 private:
  static bool Exists(const ManifestSpec& spec, const char* name) {
    return std::filesystem::exists(spec.path + "/" + name);
  }
  // The table that has a line for each utterance.
  static const char* TableOf(const ManifestSpec& spec, UtteranceKind kind) {
    if (kind == UtteranceKind::kArk) return "/feats.scp";
    return Exists(spec, "segments") ? "/segments" : "/wav.scp";
  }
  // Fills the utterance; returns what is wrong with it, or an empty text.
  std::string Join(Utterance& utterance);
  static std::string LookUp(LineIndex& index, const std::string& word, std::string* rest);
  static std::string ParseSegment(std::string_view line, std::string* recording,
                                  Utterance& utterance);

  UtteranceKind kind_;
  std::string root_;
  bool has_text_;
  LineReader text_;       // without transcripts the table that names the utterances
  LineIndex recordings_;  // wav.scp or feats.scp
  std::optional<LineIndex> segments_;
  std::optional<LineIndex> speakers_;
};

std::string KaldiReader::LookUp(LineIndex& index, const std::string& word, std::string* rest) {
  const int found = index.Find(word, rest);
  if (found == 1) return "";
  const std::string name = std::filesystem::path(index.path()).filename().string();
  return found == 0 ? fmt::format("{} has no line for {}", name, Printable(word))
                    : fmt::format("{} has several lines for {}", name, Printable(word));
}

// Reads "recording begin end [channel]"; an end of -1 means the end of the recording.
std::string KaldiReader::ParseSegment(std::string_view line, std::string* recording,
                                      Utterance& utterance) {
  std::string_view rest = line;
  *recording = TakeWord(&rest);
  const std::string_view begin = TakeWord(&rest);
  const std::string_view end = TakeWord(&rest);
  const std::string_view channel = TakeWord(&rest);
  const bool good = manifest::ParseSeconds(begin, &utterance.begin_seconds) &&
                    (end == "-1" || manifest::ParseSeconds(end, &utterance.end_seconds)) &&
                    (channel.empty() || ParseChannel(channel, &utterance.channel)) && rest.empty();
  if (!good) {
    return fmt::format(
        "segments has \"{}\", which is not of the form: recording begin end [channel]", line);
  }
  return "";
}

std::string KaldiReader::Join(Utterance& utterance) {
  std::string recording = utterance.id, line;
  if (segments_) {
    std::string problem = LookUp(*segments_, utterance.id, &line);
    if (problem.empty()) problem = ParseSegment(line, &recording, utterance);
    if (!problem.empty()) {
      recordings_.Find(recording, &line);  // has a stretch, if a bad one: see Remarks
      return problem;
    }
  }
  std::string problem = LookUp(recordings_, recording, &line);
  if (problem.empty()) problem = ParseScpEntry(line, root_, utterance);
  if (problem.empty() && speakers_) problem = LookUp(*speakers_, utterance.id, &utterance.speaker);
  return problem;
}

}  // namespace

std::unique_ptr<ManifestReader> OpenKaldiFolder(const ManifestSpec& spec, UtteranceKind kind) {
  return std::make_unique<KaldiReader>(spec, kind);
}

}  // namespace lockstep
