// What an importer of speech is told of its recordings: a list in one of the formats that the field
// uses, read as one stream of utterances. docs/speech.md describes each format.
//
//   const auto reader = OpenManifest({.path = "train.jsonl"});  // manifest_formats.h
//   for (Utterance utterance; reader->Next(&utterance);) ...
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/function_ref.h"
#include "base/gzip_lines.h"
#include "data/speech/manifests/utterance.h"

namespace lockstep {

enum class ManifestFormat { kJsonl, kLibriSpeech, kKaldi, kKaldiFeatures, kTsv, kCmu };

struct ManifestSpec {
  std::string path;    // a file, or a folder for LibriSpeech and Kaldi
  std::string format;  // a name of ManifestFormatNames(); empty: recognised from what `path` is
  // Where relative paths begin; empty: the folder of the manifest. Formats with a layout of their
  // own (LibriSpeech) take none.
  std::string audio_root;
};

class ManifestReader {
 public:
  virtual ~ManifestReader() = default;
  // The next utterance in the order of the manifest; false at the end. A line that cannot be used
  // comes as an utterance with its `problem`. Blank lines are passed over.
  virtual bool Next(Utterance* utterance) = 0;
  // What the reader left out without it being a problem of a line, one sentence each; complete
  // after the end.
  virtual std::vector<std::string> Remarks() const { return {}; }
};

namespace manifest {

// `path`, or `root`/`path` when it is relative.
std::string Resolve(const std::string& root, std::string_view path);
// The folder of a manifest file, or the spec's own root.
std::string RootOf(const ManifestSpec& spec);
// "train.tsv:7": the last part of the path, and the line.
std::string Source(const std::string& path, Index line);
// A finite number of seconds, 0 or more, that takes all of `text`; false when it is none.
bool ParseSeconds(std::string_view text, double* seconds);
// The utterance of the next line that is not blank; false at the end. `fill` sets it from the line;
// an InputError of it becomes the utterance's problem.
bool NextOfLines(LineReader* lines, Utterance* utterance,
                 FunctionRef<void(std::string_view line)> fill);

}  // namespace manifest
}  // namespace lockstep
