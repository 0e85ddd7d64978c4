#include "data/speech/manifests/manifest_formats.h"

#include <algorithm>
#include <array>
#include <filesystem>

#include "base/error.h"
#include "base/line_reader.h"
#include "base/text.h"
#include "data/speech/manifests/cmu_manifest.h"
#include "data/speech/manifests/jsonl_manifest.h"
#include "data/speech/manifests/kaldi_manifest.h"
#include "data/speech/manifests/librispeech_manifest.h"
#include "data/speech/manifests/manifest_fields.h"
#include "data/speech/manifests/tsv_manifest.h"

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
  LineReader lines(path, AnyBytes{});
  std::string_view line;
  while (lines.Next(&line) && Trim(line).empty()) {
  }
  if (Trim(line).starts_with('{') || Trim(line).starts_with('[')) return ManifestFormat::kJsonl;
  if (line.find('\t') != std::string_view::npos || FieldCalled(Trim(line))) {
    return ManifestFormat::kTsv;  // with one column, too, if that has a known name
  }
  if (std::count(line.begin(), line.end(), ',') > 0) {
    FailToRecognise(path, "its first line has commas, but columns are divided by tabs");
  }
  FailToRecognise(path, "its first line is neither JSON nor columns between tabs");
}

}  // namespace

std::vector<std::string> ManifestFormatNames() {
  std::vector<std::string> names;
  names.reserve(std::size(kFormats));
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

}  // namespace lockstep
