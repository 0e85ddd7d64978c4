#include "launch/report/proto_fields.h"

#include <algorithm>

namespace lockstep {

bool ProtoFields::Next(ProtoField* field) {
  if (rest_.empty() || !good_) return false;
  const std::uint64_t key = TakeVarint();
  field->number = static_cast<int>(std::min<std::uint64_t>(key >> 3, 1 << 30));
  field->kind = static_cast<int>(key & 7);
  field->varint = 0;
  field->bytes = {};
  if (field->kind == 0) field->varint = TakeVarint();
  if (field->kind == 1) field->bytes = TakeBytes(8);
  if (field->kind == 2) field->bytes = TakeBytes(TakeVarint());
  if (field->kind == 5) field->bytes = TakeBytes(4);
  good_ = good_ && (field->kind <= 2 || field->kind == 5);
  return good_;
}

std::uint64_t ProtoFields::TakeVarint() {
  std::uint64_t value = 0;
  for (int shift = 0; shift < 64 && !rest_.empty(); shift += 7) {
    const auto byte = static_cast<unsigned char>(rest_[0]);
    rest_.remove_prefix(1);
    value |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
    if (byte < 0x80) return value;
  }
  good_ = false;
  return 0;
}

std::string_view ProtoFields::TakeBytes(std::uint64_t count) {
  if (!good_ || count > rest_.size()) {
    good_ = false;
    return {};
  }
  const std::string_view bytes = rest_.substr(0, count);
  rest_.remove_prefix(count);
  return bytes;
}

}  // namespace lockstep
