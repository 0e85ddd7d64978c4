#include "launch/report/event_message.h"

#include "launch/report/proto_fields.h"

namespace lockstep {
namespace {

// Numbers of a tensor may be packed into one field or not; nothing unless it holds just one. Its
// type is 1 for float and 2 for double.
std::optional<double> NumberOfTensor(std::string_view tensor) {
  ProtoFields fields(tensor);
  std::uint64_t type = 0;
  std::string_view number;
  int numbers = 0;
  for (ProtoField field; fields.Next(&field);) {
    if (field.number == 1 && field.kind == 0) type = field.varint;
    if (field.number < 4 || field.number > 6 || field.kind == 0 || field.bytes.empty()) continue;
    number = field.bytes;
    ++numbers;
  }
  if (!fields.good() || numbers != 1) return std::nullopt;
  if (type == 1 && number.size() == sizeof(float)) return NumberAt<float>(number);
  if (type == 2 && number.size() == sizeof(double)) return NumberAt<double>(number);
  return std::nullopt;
}

// The functions below return false if the text is no message of its kind.

bool ReadValue(std::string_view value, Event* event) {
  ProtoFields fields(value);
  std::string_view tag;
  std::optional<double> number;
  for (ProtoField field; fields.Next(&field);) {
    if (field.number == 1 && field.kind == 2) tag = field.bytes;
    if (field.number == 2 && field.kind == 5) number = NumberAt<float>(field.bytes);
    if (field.number == 8 && field.kind == 2) number = NumberOfTensor(field.bytes);
  }
  if (number) event->scalars.push_back({tag, *number});
  return fields.good();
}

bool ReadSummary(std::string_view summary, Event* event) {
  ProtoFields fields(summary);
  for (ProtoField field; fields.Next(&field);) {
    if (field.number == 1 && field.kind == 2 && !ReadValue(field.bytes, event)) return false;
  }
  return fields.good();
}

bool ReadSessionLog(std::string_view log, Event* event) {
  ProtoFields fields(log);
  for (ProtoField field; fields.Next(&field);)
    event->restarts = event->restarts || (field.number == 1 && field.varint == 1);
  return fields.good();
}

}  // namespace

std::optional<Event> ParseEvent(std::string_view message) {
  Event event;
  ProtoFields fields(message);
  for (ProtoField field; fields.Next(&field);) {
    if (field.number == 1 && field.kind == 1) event.seconds = NumberAt<double>(field.bytes);
    if (field.number == 2 && field.kind == 0)
      event.step = static_cast<double>(static_cast<std::int64_t>(field.varint));
    const bool is_message = field.kind == 2;
    if (is_message && field.number == 5 && !ReadSummary(field.bytes, &event)) return std::nullopt;
    if (is_message && field.number == 7 && !ReadSessionLog(field.bytes, &event))
      return std::nullopt;
  }
  if (!fields.good()) return std::nullopt;
  return event;
}

}  // namespace lockstep
