#include "data/speech/manifests/manifest.h"

#include <cmath>
#include <filesystem>

#include "base/error.h"
#include "base/file_names.h"
#include "base/text.h"

namespace lockstep {

namespace fs = std::filesystem;

namespace manifest {

std::string Resolve(const std::string& root, std::string_view path) {
  RefuseNul(path);
  return (fs::path(root) / fs::path(path)).string();
}

std::string RootOf(const ManifestSpec& spec) {
  return spec.audio_root.empty() ? fs::path(spec.path).parent_path().string() : spec.audio_root;
}

std::string Source(const std::string& path, Index line) { return fmt::format("{}:{}", path, line); }

bool ParseSeconds(std::string_view text, double* seconds) {
  return ReadNumber(text, seconds) && std::isfinite(*seconds) && *seconds >= 0;
}

double EndOf(double begin, double end, double duration) {
  constexpr double kRounding = 0.05;
  if (duration == Utterance::kToTheEnd) return end;
  if (end != Utterance::kToTheEnd && std::abs(begin + duration - end) > kRounding) {
    throw BadData("begin {:g} and duration {:g} end at {:g} s, but the end is given as {:g} s",
                  begin, duration, begin + duration, end);
  }
  return begin + duration;
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
