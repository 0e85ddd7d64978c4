// Reads manifests with one JSON object per line, as NeMo writes them, with the keys audio_filepath,
// text, duration and offset, and optionally id, speaker and channel, or other names of the same
// (manifest_fields.h). A line without a text is a problem, because it would train silence.
#pragma once

#include <memory>

#include "data/speech/manifests/manifest.h"

namespace lockstep {

// Without "id", the id of an utterance is its audio_filepath, followed by "@offset" if there is an
// offset.
std::unique_ptr<ManifestReader> OpenJsonlManifest(const ManifestSpec& spec);

}  // namespace lockstep
