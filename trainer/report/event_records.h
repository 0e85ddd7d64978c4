// The records of TensorBoard's event files, as text to append to one. Each record is its length,
// the masked CRC-32C of the length, the data, and the masked CRC-32C of the data; the data is a
// protocol buffer of the message Event.
// https://www.tensorflow.org/api_docs/python/tf/compat/v1/python_io
// github.com/tensorflow/tensorflow: tensorflow/core/util/event.proto, framework/summary.proto
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "trainer/report/metrics_line.h"

namespace lockstep {

// The first record of each file, which says that it is in version 2 of the format.
std::string VersionEvent();
// What makes a reader that goes on reading forget all values of steps from `step` on, which it may
// have from an earlier file of the folder.
std::string RestartEvent(double step);
// A value; `seconds` since 1970.
std::string ScalarEvent(double seconds, double step, const std::string& tag, double value);
// The figures of a step or validation, "training/loss" and the like; empty for other lines.
std::string FigureEvents(const MetricsLine& line);

// CRC-32C (Castagnoli), as in RFC 3720, appendix B.4.
std::uint32_t Crc32c(std::string_view bytes);
// As records hold it.
std::uint32_t MaskedCrc32c(std::string_view bytes);

}  // namespace lockstep
