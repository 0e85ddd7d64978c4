// Counts the frames of an MP3 file. Without a header that gives their number (Xing, Info, VBRI),
// libsndfile guesses the length from the bit rate of the first frame, and reads no further than
// that: where the bit rate varies, half of a recording can be lost.
#pragma once

#include <optional>
#include <string>

#include "base/types.h"
#include "data/speech/sound/file_view.h"

namespace lockstep {

struct MpegFrames {
  Index begin = 0;              // first byte of the first frame of sound
  Index end = 0;                // byte after the last whole frame
  Index count = 0;              // frames of sound, from `begin` to `end`
  Index samples_per_frame = 0;  // of each channel
  Index samples() const { return count * samples_per_frame; }
  Index promised = -1;       // frames according to the file's own header; -1: it does not say
  std::string first_header;  // the 4 bytes with which the first frame begins
};

// Reads the whole file. Nothing if it does not begin (after ID3 tags) with two MPEG audio frames.
// A piece of a frame at the end, tags and other bytes behind the last frame are passed over.
// BadData if frames follow bytes that are none: then a part of the recording is lost.
std::optional<MpegFrames> CountMpegFrames(const std::string& path);

// How libsndfile must see this file so that it reads all frames: with a header (Xing) that gives
// their number. Nothing if the file has such a header, and it is right, or if the frames are not of
// layer III, which alone has such a header. BadData if the file's own header gives another number.
std::optional<ViewBounds> ViewOfMpeg(const std::string& path, const MpegFrames& frames);

}  // namespace lockstep
