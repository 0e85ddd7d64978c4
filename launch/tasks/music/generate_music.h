// `lockstep generate` of a run on music: new pieces as MIDI files, sound and pictures.
#pragma once

#include <span>

#include "data/corpus/shard_format.h"
#include "launch/frame/options.h"
#include "worker/comm/communicator.h"

namespace lockstep {

// The options that go with runs on music.
std::span<const OptionRow> GenerateMusicRows();

// Collective; rank 0 does all. Writes OUT/piece-1.mid, OUT/piece-1.wav, OUT/piece-1.svg and so on.
ExitCode GenerateMusic(const Communicator& comm, const Options& options, const CorpusInfo& corpus);

}  // namespace lockstep
