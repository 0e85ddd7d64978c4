// Files of piano rolls: LOCKSTEP_ROLL_READER is ReadJsonRolls or ReadMatRolls. Which of the two a
// file is meant for is found from its first bytes, which a fuzzer would rarely change back.
#include "data/music/roll_files.h"
#include "tests/fuzz/fuzz_target.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t count) {
  using namespace lockstep;
  static MemoryFile file;
  file.Set({bytes, count});
  ReadOrRefuse([&] {
    LOCKSTEP_ROLL_READER(file.path(), [](DataSplit split, const PianoRoll& roll) {
      LOCKSTEP_CHECK(roll.name.starts_with(DataSplitName(split)));
      LOCKSTEP_CHECK(!roll.steps.empty() && std::ssize(roll.steps) <= kMostSteps);
    });
  });
  return 0;
}
