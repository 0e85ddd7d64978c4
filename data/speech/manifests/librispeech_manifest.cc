#include "data/speech/manifests/librispeech_manifest.h"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <set>

#include "base/error.h"
#include "base/line_reader.h"
#include "base/text.h"
#include "data/speech/manifests/folder_walk.h"

namespace lockstep {

namespace fs = std::filesystem;

namespace {

constexpr const char* kTranscriptSuffix = ".trans.txt";

bool IsTranscript(const fs::path& path) {
  return path.filename().string().ends_with(kTranscriptSuffix);
}

bool IsRecording(const fs::path& path) {
  return path.extension() == ".flac" || path.extension() == ".wav";
}

class LibriSpeechReader : public ManifestReader {
 public:
  explicit LibriSpeechReader(const ManifestSpec& spec) : top_(spec.path) {
    FolderWalk walk = WalkFolder(spec.path);
    link_remarks_ = std::move(walk.remarks);
    std::string stem;  // the files are sorted, so a.flac and a.wav are neighbours
    for (const std::string& file : walk.files) {
      if (IsTranscript(file)) transcripts_.push_back(file);
      if (!IsRecording(file)) continue;
      const std::string here = fs::path(file).replace_extension().string();
      if (here != stem) ++recordings_;
      stem = here;
    }
    if (transcripts_.empty()) {
      throw BadData("{}: holds no *{}; give the folder that has the speakers' folders", spec.path,
                    kTranscriptSuffix);
    }
  }

  bool Next(Utterance* utterance) override {
    std::string_view line;
    while (!NextLine(&line)) {
      if (next_ == transcripts_.size()) return false;
      OpenChapter(transcripts_[next_++]);
    }
    *utterance = {};
    utterance->source = fmt::format("{}:{}", name_, lines_->line_number());
    std::string_view rest = Trim(line);
    utterance->id = TakeWord(&rest);
    utterance->transcript = rest;
    utterance->speaker = speaker_;
    utterance->path = chapter_ + "/" + utterance->id + extension_;
    if (here_.erase(utterance->id) > 0) ++with_line_;
    return true;
  }

  std::vector<std::string> Remarks() const override {
    std::vector<std::string> remarks = link_remarks_;
    if (with_line_ < recordings_) {
      const std::string example = without_line_.empty() ? "" : ", first " + without_line_;
      remarks.push_back(
          fmt::format("{}: {} of {} recordings (.flac, .wav) have no line in a *{} beside them, "
                      "and are left out{}",
                      top_, recordings_ - with_line_, recordings_, kTranscriptSuffix, example));
    }
    return remarks;
  }

 private:
  // The next line of the open chapter that is not blank.
  bool NextLine(std::string_view* line) {
    if (!lines_) return false;
    while (lines_->Next(line)) {
      if (!Trim(*line).empty()) return true;
    }
    lines_.reset();
    if (without_line_.empty() && !here_.empty()) without_line_ = chapter_ + "/" + *here_.begin();
    return false;
  }

  void OpenChapter(const std::string& transcript) {
    const fs::path chapter = fs::path(transcript).parent_path();
    chapter_ = chapter.string();
    speaker_ = chapter.parent_path().filename().string();
    name_ = fs::path(transcript).lexically_relative(top_).string();
    lines_.emplace(transcript, AnyBytes{});
    bool has_flac = false, has_wav = false;
    here_.clear();
    for (const auto& entry : fs::directory_iterator(chapter)) {
      has_flac = has_flac || entry.path().extension() == ".flac";
      has_wav = has_wav || entry.path().extension() == ".wav";
      if (IsRecording(entry.path())) here_.insert(entry.path().stem().string());
    }
    extension_ = has_wav && !has_flac ? ".wav" : ".flac";
  }

  std::string top_;
  std::vector<std::string> transcripts_;
  std::size_t next_ = 0;
  std::optional<LineReader> lines_;
  std::string name_;  // path of the transcript file, relative to the top folder
  std::string chapter_;
  std::string speaker_;
  std::string extension_;
  std::vector<std::string> link_remarks_;
  Index recordings_ = 0;        // below the top folder
  Index with_line_ = 0;         // those that a line was read of
  std::set<std::string> here_;  // those of the open chapter that no line was read of
  std::string without_line_;    // the first recording of a chapter that none of its lines names
};

}  // namespace

bool HasLibriSpeechLayout(const std::string& folder) {
  const std::vector<std::string> files = WalkFolder(folder).files;
  return std::any_of(files.begin(), files.end(),
                     [](const std::string& file) { return IsTranscript(file); });
}

std::unique_ptr<ManifestReader> OpenLibriSpeech(const ManifestSpec& spec) {
  if (!spec.audio_root.empty()) {
    throw UsageError(
        "cannot read manifest {}: --audio-root is \"{}\", but a folder in the layout of "
        "LibriSpeech "
        "has each recording beside its transcript file; leave out --audio-root",
        spec.path, spec.audio_root);
  }
  return std::make_unique<LibriSpeechReader>(spec);
}

}  // namespace lockstep
