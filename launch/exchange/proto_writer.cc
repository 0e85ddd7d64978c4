#include "launch/exchange/proto_writer.h"

#include <bit>

namespace lockstep {
namespace {

constexpr int kVarint = 0, kLengthDelimited = 2, kFourBytes = 5;  // wire types

}  // namespace

// Seven bits per byte, the lowest first; the highest bit says that more follow.
void ProtoMessage::AddVarint(std::uint64_t value) {
  for (; value >= 128; value >>= 7) bytes_ += static_cast<char>(value | 128);
  bytes_ += static_cast<char>(value);
}

void ProtoMessage::AddKey(int field, int wire_type) {
  AddVarint(static_cast<std::uint64_t>(field) << 3 | static_cast<std::uint64_t>(wire_type));
}

void ProtoMessage::AddInteger(int field, std::int64_t value) {
  AddKey(field, kVarint);
  AddVarint(static_cast<std::uint64_t>(value));
}

void ProtoMessage::AddFloat(int field, float value) {
  AddKey(field, kFourBytes);
  const auto bits = std::bit_cast<std::uint32_t>(value);
  for (int i = 0; i < 4; ++i) bytes_ += static_cast<char>(bits >> 8 * i);
}

void ProtoMessage::AddText(int field, std::string_view text) {
  AddKey(field, kLengthDelimited);
  AddVarint(text.size());
  bytes_ += text;
}

void ProtoMessage::AddBytes(int field, std::span<const std::byte> bytes) {
  AddText(field, {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

}  // namespace lockstep
