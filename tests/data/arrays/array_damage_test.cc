// Files with random damage: whatever a file holds, reading it ends, and with nothing but errors
// that the user can act on.
#include "base/counter_rng.h"
#include "data/arrays/array_reading.h"
#include "tests/data/arrays/array_bytes.h"
#include "tests/support/expect_error.h"
#include "tests/support/temp_folder.h"

namespace lockstep {
namespace {

constexpr Index kFilesPerFormat = 100;

// One to four bytes replaced, or the file cut short.
std::string Damaged(std::string bytes, Index which) {
  constexpr std::string_view kTelling("\0\xFF\x01\x7F\x80,\"\n9(", 10);
  const CounterRng random(11, RandomPurpose::kTest, static_cast<std::uint64_t>(which));
  const std::uint64_t changes = 1 + random.Below(0, 4);
  for (std::uint64_t i = 0; i < changes && !bytes.empty(); ++i) {
    const std::size_t at = random.Below(3 * i + 1, bytes.size());
    if (random.Below(3 * i + 2, 8) == 0) {
      bytes.resize(at);
    } else {
      bytes[at] = kTelling[random.Below(3 * i + 3, kTelling.size())];
    }
  }
  return bytes;
}

void ReadToTheEnd(const std::string& path, const std::string& bytes, const ArrayFiles& files) {
  Spill(path, bytes);
  ArrayReadOptions options;
  ClassNames classes;
  try {
    const auto source = OpenArraySource(files, options, &classes);
    Index steps = 0;
    for (ArraySequence sequence; source->Next(&sequence);) {
      steps += sequence.steps;
      ASSERT_LE(steps, static_cast<Index>(2000 * bytes.size()));
      ASSERT_EQ(sequence.inputs.size(),
                static_cast<std::size_t>(sequence.steps) * source->columns().inputs.size());
    }
  } catch (const InputError& error) {
    ASSERT_THAT(error.what(), testing::HasSubstr(path));
  }
}

TEST(ArrayDamage, ReadingEndsWithErrorsThatNameTheFile) {
  const TempFolder folder;
  const std::string path = folder / "damaged";
  const std::string x = NpyBytes<double>("<f8", "(2, 3, 1)", {1, 2, 3, 4, 5, 6});
  const std::string n = NpyBytes<std::int32_t>("<i4", "(2,)", {2, 3});
  const std::vector<std::pair<std::string, std::string>> members = {{"x.npy", x}, {"n.npy", n}};
  const ArrayFiles inside = {{path}, {.inputs = "x", .lengths = "n"}};
  const std::pair<std::string, ArrayFiles> files[] = {
      {"a,b\n1,2\n\"3\",NA\n", {{path}, {}}},  {x, {{path}, {}}},
      {ZipBytes(members, false), inside},      {ZipBytes(members, true), inside},
      {ZipBytes(members, true, true), inside},
  };
  Index which = 0;
  for (const auto& [bytes, opened] : files) {
    for (Index i = 0; i < kFilesPerFormat; ++i) {
      ArrayFiles damaged = opened;
      const std::string text = Damaged(bytes, which++);
      // What is no longer an .npz file is read as a table, which has no members.
      Spill(path, text);
      if (KindOfArrayFile(path) == ArrayFileKind::kTable) damaged.members = {};
      ReadToTheEnd(path, text, damaged);
      if (testing::Test::HasFatalFailure()) FAIL() << "damaged file " << which - 1;
    }
  }
}

}  // namespace
}  // namespace lockstep
