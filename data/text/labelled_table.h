// Labelled texts in a table: tsv or csv, with or without a header.
#pragma once

#include <memory>

#include "data/text/labelled_lines.h"
#include "data/text/table_reader.h"

namespace lockstep {

// Opens a table. Columns are chosen by the first rows (table_columns.h). A row counts as bad if its
// number of columns is not that of the first row.
std::unique_ptr<LabelledLines> OpenLabelledTable(const std::string& path, TableKind kind,
                                                 const LabelledLinesOptions& options);

}  // namespace lockstep
