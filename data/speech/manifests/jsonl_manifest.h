// Reads manifests with one JSON object per line, as NeMo writes them, with the keys audio_filepath,
// duration, offset and text, and optionally id, speaker and channel.
#pragma once

#include <memory>

#include "data/speech/manifests/manifest.h"

namespace lockstep {

// Without "id", the id of an utterance is its audio_filepath, followed by "@offset" if there is an
// offset.
std::unique_ptr<ManifestReader> OpenJsonlManifest(const ManifestSpec& spec);

}  // namespace lockstep
