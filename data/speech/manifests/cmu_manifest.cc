#include "data/speech/manifests/cmu_manifest.h"

#include <filesystem>

#include "base/error.h"
#include "base/line_reader.h"
#include "base/text.h"

namespace lockstep {

namespace fs = std::filesystem;

namespace {

constexpr const char* kListSuffix = ".fileids";

std::string TranscriptOf(const std::string& list) {
  if (!list.ends_with(kListSuffix)) {
    throw UsageError("{}: a manifest of format cmu is a *{} file", list, kListSuffix);
  }
  return list.substr(0, list.size() - std::string(kListSuffix).size()) + ".transcription";
}

// Removes the marks of silence and of sentence ends.
std::string WithoutMarks(std::string_view text) {
  std::string words;
  while (!text.empty()) {
    const std::string_view word = TakeWord(&text);
    if (word == "<s>" || word == "</s>" || word == "<sil>") continue;
    if (!words.empty()) words += ' ';
    words += word;
  }
  return words;
}

class CmuReader : public ManifestReader {
 public:
  explicit CmuReader(const ManifestSpec& spec)
      : stems_(spec.path, AnyBytes{}), transcripts_(TranscriptOf(spec.path), AnyBytes{}) {
    FindRecordings(spec);
  }

  bool Next(Utterance* utterance) override {
    *utterance = {};
    std::string_view stem, line;
    const bool has_stem = NextText(stems_, &stem);
    const bool has_line = NextText(transcripts_, &line);
    if (!has_stem && !has_line) return false;
    utterance->source = manifest::Source(stems_.path(), stems_.line_number());
    if (has_stem != has_line) {
      utterance->problem =
          fmt::format("{} has more lines than {}", (has_stem ? stems_ : transcripts_).path(),
                      (has_stem ? transcripts_ : stems_).path());
      return true;
    }
    Fill(stem, line, *utterance);
    return true;
  }

 private:
  static bool NextText(LineReader& lines, std::string_view* text) {
    while (lines.Next(text)) {
      *text = Trim(*text);
      if (!text->empty()) return true;
    }
    return false;
  }

  void FindRecordings(const ManifestSpec& spec);
  bool TryRoot(const std::string& root, std::string_view stem);
  void Fill(std::string_view stem, std::string_view line, Utterance& utterance) const;

  LineReader stems_;
  LineReader transcripts_;
  std::string root_;
  std::string extension_;
};

bool CmuReader::TryRoot(const std::string& root, std::string_view stem) {
  for (const char* extension : {".mfc", ".wav", ".flac", ".sph"}) {
    if (!fs::exists(manifest::Resolve(root, stem) + extension)) continue;
    root_ = root;
    extension_ = extension;
    return true;
  }
  return false;
}

// Finds folder and extension of the recordings by the first stem that has a file.
void CmuReader::FindRecordings(const ManifestSpec& spec) {
  const std::string above = manifest::Resolve(fs::path(spec.path).parent_path().string(), "..");
  std::vector<std::string> roots = {above + "/feat", above + "/wav"};
  if (!spec.audio_root.empty()) roots = {spec.audio_root};
  LineReader stems(spec.path, AnyBytes{});
  for (std::string_view stem; NextText(stems, &stem);) {
    for (const std::string& root : roots) {
      if (TryRoot(root, stem)) return;
    }
  }
  throw MissingInput(
      "{}: none of its stems has a file (.mfc .wav .flac .sph) below {}; give "
      "the folder with --audio-root",
      spec.path, fmt::join(roots, " or "));
}

void CmuReader::Fill(std::string_view stem, std::string_view line, Utterance& utterance) const {
  const fs::path path(stem);
  utterance.id = path.filename().string();
  utterance.speaker = path.parent_path().filename().string();
  utterance.path = manifest::Resolve(root_, stem) + extension_;
  utterance.kind = extension_ == ".mfc" ? UtteranceKind::kMfc : UtteranceKind::kAudio;
  const std::size_t open = line.rfind('(');
  if (open == line.npos || !line.ends_with(')')) {
    utterance.problem = fmt::format("transcript \"{}\" does not end with the id in brackets", line);
    return;
  }
  const std::string_view id = line.substr(open + 1, line.size() - open - 2);
  if (id != utterance.id) {
    utterance.problem = fmt::format(
        "the transcript on line {} is of \"{}\", the stem is of \"{}\": the two files do not go "
        "together line by line",
        transcripts_.line_number(), id, utterance.id);
    return;
  }
  utterance.transcript = WithoutMarks(line.substr(0, open));
}

}  // namespace

std::unique_ptr<ManifestReader> OpenCmuManifest(const ManifestSpec& spec) {
  return std::make_unique<CmuReader>(spec);
}

}  // namespace lockstep
