// Kaldi data folders: `text` (id, transcript) joined with `segments` and `wav.scp`, or with
// `feats.scp`, and with `utt2spk` when it is there.
//
// Entries that are commands ("sox ... |") are problems: a list of data must not run programs. So
// are recordings inside archives. Features may be "path:offset" with a range: "[rows]",
// "[rows,columns]", where rows are "first:last", both counted in, or ":" or nothing for all.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "data/speech/manifests/manifest.h"

namespace lockstep {

// In the order of `text`. `kind` is kAudio (wav.scp) or kArk (feats.scp).
std::unique_ptr<ManifestReader> OpenKaldiFolder(const ManifestSpec& spec, UtteranceKind kind);

// Fills path, ark_offset, rows and columns of `utterance` from an scp entry. Gives what is wrong
// with the entry, or nothing.
std::string ParseScpEntry(std::string_view entry, const std::string& root, Utterance& utterance);

}  // namespace lockstep
