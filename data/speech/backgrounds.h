// What a corpus of speech keeps of noise and rooms, so that training can mix them with its samples
// (data/stream/energy_mix.h): log-mel frames of noise recordings, made like those of the
// utterances, and the energies of rooms' impulse responses by mel band and frame shift.
#pragma once

#include <string>
#include <vector>

#include "data/corpus/frame_store.h"
#include "data/speech/speech_options.h"

namespace lockstep {

// The audio files that entries of --noise-files or --room-files stand for: those of ExpandPaths,
// and for a folder all audio files below it. MissingInput if there is none.
std::vector<std::string> BackgroundFiles(const std::string& option,
                                         const std::vector<std::string>& entries);

// The frames [frames, num_mel_bins] of the noise recordings. If these are longer than
// options.noise_seconds in all, the beginning of each is kept. Several channels are mixed.
// InputError that names the file if one cannot be used.
FrameCollection NoiseFrames(const SpeechOptions& options);

// The responses of the rooms, one row per frame shift from the direct sound on: the log of the
// energy in each mel band, relative to that of all rows. Rows after the first second, and rows that
// have faded by 60 dB, are left out.
FrameCollection RoomFrames(const SpeechOptions& options);

// The rows of one impulse response of options.sample_rate.
std::vector<float> RoomRows(const FeatureOptions& options, std::vector<float> samples);

}  // namespace lockstep
