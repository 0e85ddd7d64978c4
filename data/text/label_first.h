// Labelled texts without columns: the label, a separator, and the rest of the line as text; or one
// file per label, every line of which is a text.
#pragma once

#include <memory>

#include "data/text/labelled_lines.h"

namespace lockstep {

// The prefix that fastText writes before a label; it is removed.
inline constexpr std::string_view kLabelPrefix = "__label__";

// UsageError for a separator other than "blank", "tab" or "comma". A line with a second __label__
// counts as bad, because each text must have one label.
std::unique_ptr<LabelledLines> OpenLabelFirst(const std::string& path,
                                              const LabelledLinesOptions& options);

// Opens a file whose lines all have the label of `file`.
std::unique_ptr<LabelledLines> OpenClassFile(const LabelledFile& file, const std::string& encoding);

}  // namespace lockstep
