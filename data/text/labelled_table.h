// Labelled texts in a table: tsv or csv, with or without a header.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "data/text/labelled_lines.h"
#include "data/text/table_reader.h"

namespace lockstep {

using TableRows = std::vector<std::vector<std::string>>;
// Reads the first rows, `most` of them. BadData where the reader refuses a row; *rows has those
// before it then.
void ReadFirstRows(const std::string& path, TableKind kind, const std::string& encoding,
                   std::size_t most, TableRows* rows);

// Opens a table. Columns are chosen by the first rows (table_columns.h). A row counts as bad if its
// number of columns is not that of the first row.
std::unique_ptr<LabelledLines> OpenLabelledTable(const std::string& path, TableKind kind,
                                                 const LabelledLinesOptions& options);

}  // namespace lockstep
