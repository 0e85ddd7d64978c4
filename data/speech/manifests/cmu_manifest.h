// The lists of CMU Sphinx (AN4 and its like): NAME.fileids, one path stem a line, beside
// NAME.transcription, whose line i is "WORDS (id)" with the last part of stem i as id.
#pragma once

#include <memory>

#include "data/speech/manifests/manifest.h"

namespace lockstep {

// Recordings or features lie below --audio-root, else below ../feat or ../wav as seen from the
// list; the first stem shows which extension they have: .mfc (features), .wav, .flac or .sph. The
// speaker is the folder of the stem. Word marks <s> </s> <sil> are taken out.
std::unique_ptr<ManifestReader> OpenCmuManifest(const ManifestSpec& spec);

}  // namespace lockstep
