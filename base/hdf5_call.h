// How calls of HDF5 are made: one at a time, with return codes that become exceptions and ids that
// close themselves. Only base/hdf5_*.cc may include this.
#pragma once

#include <hdf5.h>

#include <mutex>
#include <string>
#include <utility>

#include "base/element_type.h"

namespace lockstep {

// HDF5 is not thread-safe: whoever calls it holds this lock, one for the process. May be taken
// again by the thread that has it.
class Hdf5Guard {
 public:
  Hdf5Guard();

 private:
  std::lock_guard<std::recursive_mutex> lock_;
};

// Before the first file is opened: keeps HDF5 from printing, and from loading filter plugins that a
// file asks for. Any number of times.
void InitialiseHdf5();

// The innermost line of HDF5's error stack, which names the cause; the stack is empty then.
std::string Hdf5Text();

// Hands on a result that is no error; else "cannot `what`: HDF5 says: ...", as an IoError or as
// BadData.
hid_t WriteChecked(hid_t result, const std::string& what);
hid_t ReadChecked(hid_t result, const std::string& what);

// The type of an element in memory.
hid_t NativeType(ElementType type);

// Owns one HDF5 id of any kind.
class Hdf5Id {
 public:
  Hdf5Id(hid_t id, herr_t (*close)(hid_t)) : id_(id), close_(close) {}
  ~Hdf5Id() {
    if (id_ >= 0) close_(id_);
  }
  Hdf5Id(Hdf5Id&& other) noexcept : id_(std::exchange(other.id_, -1)), close_(other.close_) {}
  Hdf5Id(const Hdf5Id&) = delete;
  Hdf5Id& operator=(const Hdf5Id&) = delete;
  operator hid_t() const { return id_; }
  hid_t Release() { return std::exchange(id_, -1); }
  // Closes what was written to, which may write what HDF5 has kept until then. IoError if it fails.
  void CloseWritten(const std::string& what) { WriteChecked(close_(Release()), what); }

 private:
  hid_t id_;
  herr_t (*close_)(hid_t);
};

}  // namespace lockstep
