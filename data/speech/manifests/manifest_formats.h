// The formats of manifests that the program can read, in one table, and the reader for each.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "data/speech/manifests/manifest.h"
#include "data/speech/manifests/manifest_formats.h"

namespace lockstep {

// "jsonl", "librispeech", "kaldi", "kaldi-feats", "tsv", "cmu".
std::vector<std::string> ManifestFormatNames();

// The format named in `spec`, or else the one recognised by the path. UsageError if it cannot be
// recognised; MissingInput if the path does not exist.
ManifestFormat FormatOf(const ManifestSpec& spec);

// Opens a manifest. Memory does not grow with its size, except for 16 bytes per line of each file
// that is joined in a Kaldi folder. MissingInput, BadData or UsageError for faults of the whole
// manifest.
std::unique_ptr<ManifestReader> OpenManifest(const ManifestSpec& spec);

}  // namespace lockstep
