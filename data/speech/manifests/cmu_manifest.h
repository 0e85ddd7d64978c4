// Reads the lists of CMU Sphinx (AN4 and similar corpora): NAME.fileids with one path stem per
// line, and beside it NAME.transcription, whose line i is "WORDS (id)", where the id is the last
// part of stem i.
#pragma once

#include <memory>

#include "data/speech/manifests/manifest.h"

namespace lockstep {

// Recordings or features are below --audio-root, or without that below ../feat or ../wav, relative
// to the list. The first stem decides which extension they have: .mfc (features), .wav, .flac or
// .sph. The speaker is the folder of the stem. The marks <s>, </s> and <sil> are removed from
// transcripts.
std::unique_ptr<ManifestReader> OpenCmuManifest(const ManifestSpec& spec);

}  // namespace lockstep
