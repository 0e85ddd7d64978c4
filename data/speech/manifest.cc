#include "data/speech/manifest.h"

#include <array>
#include <charconv>
#include <cmath>
#include <filesystem>

#include "base/error.h"
#include "data/gzip_lines.h"
#include "data/speech/cmu_manifest.h"
#include "data/speech/jsonl_manifest.h"
#include "data/speech/kaldi_manifest.h"
#include "data/speech/librispeech_manifest.h"
#include "data/speech/tsv_manifest.h"

namespace lockstep {

namespace fs = std::filesystem;

namespace {

struct NamedFormat {
  const char* name;
  ManifestFormat format;
};
constexpr std::array<NamedFormat, 6> kFormats = {{{"jsonl", ManifestFormat::kJsonl},
                                                  {"librispeech", ManifestFormat::kLibriSpeech},
                                                  {"kaldi", ManifestFormat::kKaldi},
                                                  {"kaldi-feats", ManifestFormat::kKaldiFeatures},
                                                  {"tsv", ManifestFormat::kTsv},
                                                  {"cmu", ManifestFormat::kCmu}}};

[[noreturn]] void FailToRecognise(const std::string& path, const char* what) {
  throw UsageError("cannot tell the format of manifest {}: {}; name it with --format, one of {}",
                   path, what, fmt::join(ManifestFormatNames(), " "));
}

ManifestFormat FormatOfFolder(const std::string& path) {
  const auto has = [&](const char* name) { return fs::exists(fs::path(path) / name); };
  if (has("wav.scp")) return ManifestFormat::kKaldi;
  if (has("feats.scp")) return ManifestFormat::kKaldiFeatures;
  if (HasLibriSpeechLayout(path)) return ManifestFormat::kLibriSpeech;
  FailToRecognise(path, "the folder has no wav.scp, no feats.scp and no *.trans.txt");
}

ManifestFormat FormatOfFile(const std::string& path) {
  if (path.ends_with(".fileids")) return ManifestFormat::kCmu;
  LineReader lines(path);
  std::string_view line;
  while (lines.Next(&line) && manifest::Trim(line).empty()) {
  }
  if (manifest::Trim(line).starts_with('{')) return ManifestFormat::kJsonl;
  if (line.find('\t') != std::string_view::npos) return ManifestFormat::kTsv;
  FailToRecognise(path, "its first line is neither JSON nor columns between tabs");
}

}  // namespace

std::vector<std::string> ManifestFormatNames() {
  std::vector<std::string> names;
  for (const NamedFormat& format : kFormats) names.emplace_back(format.name);
  return names;
}

ManifestFormat FormatOf(const ManifestSpec& spec) {
  if (!fs::exists(spec.path)) {
    throw MissingInput("cannot open manifest {}: no such file or folder", spec.path);
  }
  if (spec.format.empty()) {
    return fs::is_directory(spec.path) ? FormatOfFolder(spec.path) : FormatOfFile(spec.path);
  }
  for (const NamedFormat& format : kFormats) {
    if (spec.format == format.name) return format.format;
  }
  throw UsageError("--format is \"{}\"; allowed: {}", spec.format,
                   fmt::join(ManifestFormatNames(), " "));
}

std::unique_ptr<ManifestReader> OpenManifest(const ManifestSpec& spec) {
  switch (FormatOf(spec)) {
    case ManifestFormat::kJsonl:
      return OpenJsonlManifest(spec);
    case ManifestFormat::kLibriSpeech:
      return OpenLibriSpeech(spec);
    case ManifestFormat::kKaldi:
      return OpenKaldiFolder(spec, UtteranceKind::kAudio);
    case ManifestFormat::kKaldiFeatures:
      return OpenKaldiFolder(spec, UtteranceKind::kArk);
    case ManifestFormat::kTsv:
      return OpenTsvManifest(spec);
    case ManifestFormat::kCmu:
      return OpenCmuManifest(spec);
  }
  LOCKSTEP_CHECK(false);
}

namespace manifest {

std::string Resolve(const std::string& root, std::string_view path) {
  return (fs::path(root) / fs::path(path)).string();
}

std::string RootOf(const ManifestSpec& spec) {
  return spec.audio_root.empty() ? fs::path(spec.path).parent_path().string() : spec.audio_root;
}

std::string Source(const std::string& path, Index line) { return fmt::format("{}:{}", path, line); }

bool ParseSeconds(std::string_view text, double* seconds) {
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, *seconds);
  return error == std::errc() && rest == end && std::isfinite(*seconds) && *seconds >= 0;
}

std::string_view TakeWord(std::string_view* text) {
  const std::size_t size = std::min(text->find_first_of(" \t"), text->size());
  const std::string_view word = text->substr(0, size);
  *text = Trim(text->substr(size));
  return word;
}

std::string_view Trim(std::string_view text) {
  const std::size_t begin = std::min(text.find_first_not_of(" \t\r"), text.size());
  text.remove_prefix(begin);
  return text.substr(0, text.find_last_not_of(" \t\r") + 1);
}

bool NextOfLines(LineReader* lines, Utterance* utterance,
                 FunctionRef<void(std::string_view line)> fill) {
  *utterance = {};
  std::string_view line;
  do {
    if (!lines->Next(&line)) return false;
  } while (Trim(line).empty());
  utterance->source = Source(lines->path(), lines->line_number());
  try {
    fill(line);
  } catch (const InputError& error) {
    utterance->problem = error.what();
  }
  return true;
}

}  // namespace manifest
}  // namespace lockstep
