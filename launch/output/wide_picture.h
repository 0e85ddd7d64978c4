// Pictures on the page of a report that keep their width, because text in them could not be read
// when they are made smaller.
#pragma once

#include <string>

namespace lockstep {

// The least width of a picture of the class "track", in pixels; the style of the page says the
// same.
inline constexpr int kTrackWidth = 640;

// An <svg> element that scrolls sideways on a narrower screen, where a line above it says so. Its
// width in pixels is that of its attribute `width`; without one it is a track.
std::string WidePicture(const std::string& svg);

// The rules of style by which the line stands on narrower screens only; for the head of a page that
// has such pictures, after the rules that hide the class "hint".
std::string WidePictureStyle();

}  // namespace lockstep
