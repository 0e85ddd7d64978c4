// The metrics of a run for other programs: a table of comma-separated values, and event files for
// TensorBoard.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "launch/report/run_curves.h"

namespace lockstep {

// One row per logged step and per validation, in the order of the steps; columns: step, kind
// (training or validation), and all figures in the order of the alphabet. A figure that a row does
// not have is empty.
std::string CurvesAsCsv(const RunCurves& run);

// An event file with a scalar for each figure, "training/loss" and the like, by step.
// https://www.tensorflow.org/api_docs/python/tf/compat/v1/python_io: each record is its length, the
// masked CRC-32C of the length, the data, and the masked CRC-32C of the data.
std::string CurvesAsEvents(const RunCurves& run);

// CRC-32C (Castagnoli), as in RFC 3720, appendix B.4.
std::uint32_t Crc32c(std::string_view bytes);

}  // namespace lockstep
