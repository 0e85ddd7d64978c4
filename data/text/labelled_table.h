// Labelled texts in a table: tsv or csv, with or without a header.
#pragma once

#include <memory>

#include "data/text/labelled_lines.h"
#include "data/text/table_reader.h"

namespace lockstep {

// Columns are chosen by the first rows (table_columns.h). A row with another number of columns than
// the first is a problem of that row.
std::unique_ptr<LabelledLines> OpenLabelledTable(const std::string& path, TableKind kind,
                                                 const LabelledLinesOptions& options);

}  // namespace lockstep
