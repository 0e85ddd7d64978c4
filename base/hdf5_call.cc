#include "base/hdf5_call.h"

#include "base/error.h"

namespace lockstep {
namespace {

std::recursive_mutex& Lock() {
  static std::recursive_mutex mutex;
  return mutex;
}

}  // namespace

Hdf5Guard::Hdf5Guard() : lock_(Lock()) {}

std::string Hdf5Text() {
  std::string text;
  H5Ewalk2(
      H5E_DEFAULT, H5E_WALK_UPWARD,
      [](unsigned n, const H5E_error2_t* error, void* out) -> herr_t {
        if (n == 0) *static_cast<std::string*>(out) = error->desc;
        return 0;
      },
      &text);
  H5Eclear2(H5E_DEFAULT);
  return text.empty() ? "no reason given" : text;
}

void InitialiseHdf5() {
  static const bool done = [] {
    // Files are closed where they are used. At exit, HDF5 1.10 would close a file again whose last
    // bytes a full disk did not take, and crash.
    H5dont_atexit();
    H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
    H5PLset_loading_state(0);
    return true;
  }();
  (void)done;
}

hid_t WriteChecked(hid_t result, const std::string& what) {
  if (result < 0) throw IoError(fmt::format("cannot {}: HDF5 says: {}", what, Hdf5Text()));
  return result;
}
hid_t ReadChecked(hid_t result, const std::string& what) {
  if (result < 0) throw BadData("cannot {}: HDF5 says: {}", what, Hdf5Text());
  return result;
}

hid_t NativeType(ElementType type) {
  switch (type) {
    case ElementType::kUint8:
      return H5T_NATIVE_UINT8;
    case ElementType::kInt32:
      return H5T_NATIVE_INT32;
    case ElementType::kInt64:
      return H5T_NATIVE_INT64;
    case ElementType::kUint64:
      return H5T_NATIVE_UINT64;
    case ElementType::kFloat32:
      return H5T_NATIVE_FLOAT;
    case ElementType::kFloat64:
      return H5T_NATIVE_DOUBLE;
  }
  LOCKSTEP_CHECK(false);
}

}  // namespace lockstep
