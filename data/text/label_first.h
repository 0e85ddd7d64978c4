// Labelled texts without columns: the label, a separator, and the rest of the line as text; or one
// file per label, every line of which is a text.
#pragma once

#include <memory>

#include "data/text/labelled_lines.h"

namespace lockstep {

// What fastText writes before a label; taken off.
inline constexpr std::string_view kLabelPrefix = "__label__";

// UsageError for a separator other than "blank", "tab", "comma". A line with a second __label__ is
// a problem: one label is wanted per text.
std::unique_ptr<LabelledLines> OpenLabelFirst(const std::string& path,
                                              const LabelledLinesOptions& options);

// All lines of the file with the same label.
std::unique_ptr<LabelledLines> OpenClassFile(const LabelledFile& file, const std::string& encoding);

}  // namespace lockstep
