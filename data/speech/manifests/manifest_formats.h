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

// The format named in `spec`, or the one that the path shows. UsageError when neither says;
// MissingInput when there is nothing at the path.
ManifestFormat FormatOf(const ManifestSpec& spec);

// Streams the manifest; memory does not grow with it, but for 16 bytes a line of each of the files
// that a Kaldi folder joins. MissingInput, BadData or UsageError for what concerns all of it.
std::unique_ptr<ManifestReader> OpenManifest(const ManifestSpec& spec);

}  // namespace lockstep
