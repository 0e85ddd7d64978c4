// Writes messages of Protocol Buffers (https://protobuf.dev/programming-guides/encoding), as far as
// ONNX files need them: a message is a list of fields, each a key (number of the field and kind of
// its value) and a value.
//
// No protobuf library is linked, because SentencePiece has one of its own inside, whose symbols two
// versions in one program would share; and what is written is little.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace lockstep {

class ProtoMessage {
 public:
  void AddInteger(int field, std::int64_t value);
  void AddFloat(int field, float value);
  void AddText(int field, std::string_view text);
  void AddBytes(int field, std::span<const std::byte> bytes);
  void AddMessage(int field, const ProtoMessage& message) { AddText(field, message.bytes_); }

  const std::string& bytes() const { return bytes_; }

 private:
  void AddVarint(std::uint64_t value);
  void AddKey(int field, int wire_type);

  std::string bytes_;
};

}  // namespace lockstep
