// Manifests of columns between tabs, named by a header line: path (or audio, file), text (or
// sentence, transcript); optional: id, speaker (or client_id), begin (or start), end, channel.
// Other columns are passed over. There is no quoting. Common Voice's own files are of this kind.
#pragma once

#include <memory>

#include "data/speech/manifests/manifest.h"

namespace lockstep {

// Without a column "id" the path names the utterance, with "@begin" when there is one. Where a
// folder clips/ lies beside a manifest with a column "sentence" (Common Voice), paths begin there.
std::unique_ptr<ManifestReader> OpenTsvManifest(const ManifestSpec& spec);

}  // namespace lockstep
