// Reads a message of protocol buffers field by field (protobuf.dev, "Encoding"), without a schema
// and without copies: the caller knows what the numbers of the fields mean.
//
//   ProtoFields fields(message);
//   for (ProtoField field; fields.Next(&field);)
//     if (field.number == 2 && field.kind == 5) value = NumberAt<float>(field.bytes);
//   if (!fields.good()) ...  // the message ended within a field, or has a field of an unknown kind
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace lockstep {

// The number that begins at byte `at`, little-endian; `bytes` must have all of its bytes.
template <typename Number>
Number NumberAt(std::string_view bytes, std::size_t at = 0) {
  static_assert(std::endian::native == std::endian::little);
  Number number;
  std::memcpy(&number, bytes.data() + at, sizeof(number));
  return number;
}

struct ProtoField {
  int number = 0;  // of the field in its message; 2^30 stands for all greater ones
  int kind = 0;    // 0: varint, 1: eight bytes, 2: a length and as many bytes, 5: four bytes
  std::uint64_t varint = 0;  // the value of kind 0
  std::string_view bytes;    // the value of the other kinds; part of the message
};

class ProtoFields {
 public:
  // The message must live as long as the fields are used.
  explicit ProtoFields(std::string_view message) : rest_(message) {}

  // Takes the next field. False at the end, or where the rest is no field; then good() is false.
  bool Next(ProtoField* field);
  bool good() const { return good_; }

 private:
  std::uint64_t TakeVarint();
  std::string_view TakeBytes(std::uint64_t count);

  std::string_view rest_;
  bool good_ = true;
};

}  // namespace lockstep
