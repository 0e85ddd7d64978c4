#include "data/speech/manifests/librispeech_manifest.h"

#include <algorithm>
#include <filesystem>
#include <optional>

#include "base/error.h"
#include "base/line_reader.h"
#include "base/text.h"

namespace lockstep {

namespace fs = std::filesystem;

namespace {

constexpr const char* kTranscriptSuffix = ".trans.txt";

bool IsTranscript(const fs::path& path) {
  return path.filename().string().ends_with(kTranscriptSuffix);
}

std::vector<std::string> FindTranscripts(const std::string& folder) {
  std::vector<std::string> found;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (IsTranscript(entry.path())) found.push_back(entry.path().string());
  }
  std::sort(found.begin(), found.end());
  return found;
}

class LibriSpeechReader : public ManifestReader {
 public:
  explicit LibriSpeechReader(const ManifestSpec& spec)
      : top_(spec.path), transcripts_(FindTranscripts(spec.path)) {
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
    return true;
  }

 private:
  // The next line of the open chapter that is not blank.
  bool NextLine(std::string_view* line) {
    if (!lines_) return false;
    while (lines_->Next(line)) {
      if (!Trim(*line).empty()) return true;
    }
    lines_.reset();
    return false;
  }

  void OpenChapter(const std::string& transcript) {
    const fs::path chapter = fs::path(transcript).parent_path();
    chapter_ = chapter.string();
    speaker_ = chapter.parent_path().filename().string();
    name_ = fs::path(transcript).lexically_relative(top_).string();
    lines_.emplace(transcript, AnyBytes{});
    const auto is = [](const char* extension) {
      return [=](const auto& entry) { return entry.path().extension() == extension; };
    };
    const bool has_flac = std::any_of(fs::directory_iterator(chapter), {}, is(".flac"));
    const bool has_wav = std::any_of(fs::directory_iterator(chapter), {}, is(".wav"));
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
};

}  // namespace

bool HasLibriSpeechLayout(const std::string& folder) {
  return std::any_of(fs::recursive_directory_iterator(folder), {},
                     [](const auto& entry) { return IsTranscript(entry.path()); });
}

std::unique_ptr<ManifestReader> OpenLibriSpeech(const ManifestSpec& spec) {
  return std::make_unique<LibriSpeechReader>(spec);
}

}  // namespace lockstep
