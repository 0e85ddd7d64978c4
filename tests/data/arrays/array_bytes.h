// The bytes of .npy and .npz files, as NumPy writes them.
#pragma once

#include <gtest/gtest.h>
#include <zlib.h>

#include <string>
#include <utility>
#include <vector>

#include "base/types.h"

namespace lockstep {

// An .npy file of version 1 with this dictionary and these values.
inline std::string NpyBytes(const std::string& dictionary, const std::string& values) {
  std::string header = dictionary;
  header.resize((header.size() + 10 + 64) / 64 * 64 - 11, ' ');
  header += '\n';
  const std::string length = {static_cast<char>(header.size() & 255),
                              static_cast<char>(header.size() >> 8)};
  return std::string("\x93NUMPY\x01\x00", 8) + length + header + values;
}

template <typename T>
std::string BytesOf(const std::vector<T>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)};
}

// An array in row-major order; `shape` is written as in Python: "(3, 4)" or "(3,)".
template <typename T>
std::string NpyBytes(const std::string& type, const std::string& shape,
                     const std::vector<T>& values) {
  return NpyBytes("{'descr': '" + type + "', 'fortran_order': False, 'shape': " + shape + ", }",
                  BytesOf(values));
}

// A number as ZIP files have it, lowest byte first.
inline std::string Low(std::uint64_t value, int width) {
  std::string bytes;
  for (int i = 0; i < width; ++i) bytes += static_cast<char>(value >> (8 * i) & 255);
  return bytes;
}

inline std::string Deflated(const std::string& bytes) {
  z_stream zlib{};
  EXPECT_EQ(deflateInit2(&zlib, 6, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY), Z_OK);
  std::string packed(deflateBound(&zlib, bytes.size()), '\0');
  zlib.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  zlib.avail_in = static_cast<uInt>(bytes.size());
  zlib.next_out = reinterpret_cast<Bytef*>(packed.data());
  zlib.avail_out = static_cast<uInt>(packed.size());
  EXPECT_EQ(deflate(&zlib, Z_FINISH), Z_STREAM_END);
  packed.resize(zlib.total_out);
  deflateEnd(&zlib);
  return packed;
}

// A ZIP file with these members, names with their ".npy". With `wide`, the directory has all its
// numbers in 64-bit fields.
inline std::string ZipBytes(const std::vector<std::pair<std::string, std::string>>& members,
                            bool deflate, bool wide = false) {
  std::string file, directory;
  for (const auto& [name, bytes] : members) {
    const std::string stored = deflate ? Deflated(bytes) : bytes;
    const auto checksum =
        crc32(0, reinterpret_cast<const Bytef*>(bytes.data()), static_cast<uInt>(bytes.size()));
    const std::string common =
        Low(20, 2) + Low(0, 2) + Low(deflate ? 8 : 0, 2) + Low(0, 4) + Low(checksum, 4);
    const std::string sizes = Low(stored.size(), 4) + Low(bytes.size(), 4);
    const std::string wide_field =
        Low(1, 2) + Low(24, 2) + Low(bytes.size(), 8) + Low(stored.size(), 8) + Low(file.size(), 8);
    directory += "PK\x01\x02" + Low(20, 2) + common + (wide ? std::string(8, '\xFF') : sizes) +
                 Low(name.size(), 2) + Low(wide ? wide_field.size() : 0, 2) + Low(0, 2) +
                 Low(0, 2) + Low(0, 2) + Low(0, 4) + Low(wide ? 0xFFFFFFFF : file.size(), 4) +
                 name + (wide ? wide_field : "");
    file += "PK\x03\x04" + common + sizes + Low(name.size(), 2) + Low(0, 2) + name + stored;
  }
  const std::size_t at = file.size(), count = members.size();
  file += directory;
  if (wide) {
    const std::size_t end = file.size();
    file += "PK\x06\x06" + Low(44, 8) + Low(45, 2) + Low(45, 2) + Low(0, 4) + Low(0, 4) +
            Low(count, 8) + Low(count, 8) + Low(directory.size(), 8) + Low(at, 8);
    file += "PK\x06\x07" + Low(0, 4) + Low(end, 8) + Low(1, 4);
  }
  return file + "PK\x05\x06" + Low(0, 4) + Low(wide ? 0xFFFF : count, 2) +
         Low(wide ? 0xFFFF : count, 2) + Low(directory.size(), 4) + Low(wide ? 0xFFFFFFFF : at, 4) +
         Low(0, 2);
}

}  // namespace lockstep
