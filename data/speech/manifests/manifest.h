// Manifests: lists of recordings and transcripts in one of the usual formats, read as a stream of
// utterances. docs/speech.md describes each format.
//
//   const auto reader = OpenManifest({.path = "train.jsonl"});  // manifest_formats.h
//   for (Utterance utterance; reader->Next(&utterance);) ...
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/function_ref.h"
#include "base/line_reader.h"
#include "data/speech/manifests/utterance.h"

namespace lockstep {

enum class ManifestFormat { kJsonl, kLibriSpeech, kKaldi, kKaldiFeatures, kTsv, kCmu };

struct ManifestSpec {
  std::string path;    // a file, or a folder for LibriSpeech and Kaldi
  std::string format;  // a name of ManifestFormatNames(); empty: recognised by `path`
  // The folder to which relative paths refer; empty: the folder of the manifest. Must be empty for
  // formats that define where the recordings are (LibriSpeech).
  std::string audio_root;
  // False for recordings that are to be transcribed: a manifest then needs no transcripts.
  bool needs_transcripts = true;
};

class ManifestReader {
 public:
  virtual ~ManifestReader() = default;
  // Sets `utterance` to the next one in the order of the manifest; returns false at the end. A line
  // that cannot be used is returned as an utterance with a `problem`. Blank lines are skipped.
  virtual bool Next(Utterance* utterance) = 0;
  // Sentences about what the reader left out although no line was wrong. Complete after the end.
  virtual std::vector<std::string> Remarks() const { return {}; }
  // Sentences about what is usual to leave out, such as columns of no use. Complete after the end.
  virtual std::vector<std::string> Notes() const { return {}; }
};

namespace manifest {

// `path`, or `root`/`path` if it is relative.
std::string Resolve(const std::string& root, std::string_view path);
// The folder of a manifest file, or the spec's own root.
std::string RootOf(const ManifestSpec& spec);
// "train.tsv:7": the last part of the path, and the line.
std::string Source(const std::string& path, Index line);
// Reads a finite number of seconds, at least 0. Returns false if `text` is not exactly that.
bool ParseSeconds(std::string_view text, double* seconds);
// The end of a stretch that begins at `begin`, from an end and a duration, either of which may be
// kToTheEnd (not given). BadData if they contradict each other by more than times are rounded.
double EndOf(double begin, double end, double duration);
// Reads the next line that is not blank and calls `fill`, which must set `utterance` from it. If
// `fill` throws InputError, its text becomes the utterance's problem. Returns false at the end.
bool NextOfLines(LineReader* lines, Utterance* utterance,
                 FunctionRef<void(std::string_view line)> fill);

}  // namespace manifest
}  // namespace lockstep
