// Readers of files that users bring along. LOCKSTEP_FUZZ_READER names the one that is tried, so
// that one program serves all: most of its size is the same.
#include <cstdlib>

#include "tests/fuzz/fuzz_target.h"
#include "tests/fuzz/readers.h"

namespace lockstep {
namespace {

const Reader& ChosenReader() {
  const char* const name = std::getenv("LOCKSTEP_FUZZ_READER");
  for (const auto readers : {StoredReaders(), TextReaders(), FieldReaders()}) {
    for (const Reader& reader : readers) {
      if (name != nullptr && reader.name == name) return reader;
    }
  }
  throw UsageError("LOCKSTEP_FUZZ_READER must name a reader of tests/fuzz/readers.h");
}

}  // namespace
}  // namespace lockstep

// libsndfile loses what libvorbis has allocated for an Ogg file whose header is cut short.
// NOLINTNEXTLINE(bugprone-reserved-identifier): the sanitizer's own name
extern "C" const char* __lsan_default_suppressions() { return "leak:vorbis_info_init\n"; }

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t count) {
  using namespace lockstep;
  static MemoryFile file;
  static const Reader& reader = ChosenReader();
  file.Set({bytes, count});
  ReadOrRefuse([&] { reader.read(file.path()); });
  return 0;
}
