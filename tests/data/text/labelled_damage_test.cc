// Files with random damage: whatever a file holds, reading it ends, and with nothing but errors
// that the user can act on.
#include "base/counter_rng.h"
#include "data/text/labelled_formats.h"
#include "tests/data/gzip_bytes.h"
#include "tests/support/expect_error.h"
#include "tests/support/temp_folder.h"

namespace lockstep {
namespace {

constexpr Index kFilesPerFormat = 100;

// One to eight bytes replaced, inserted or removed, with a liking for bytes that mean something.
std::string Damaged(std::string bytes, Index which) {
  constexpr std::string_view kTelling("\0\t\n\r\",{}[]\\: \xC3\xEF\xFF\x80", 17);
  const CounterRng random(7, RandomPurpose::kTest, static_cast<std::uint64_t>(which));
  const std::uint64_t changes = 1 + random.Below(0, 8);
  for (std::uint64_t i = 0; i < changes && !bytes.empty(); ++i) {
    const std::size_t at = random.Below(4 * i + 1, bytes.size());
    const char byte = kTelling[random.Below(4 * i + 2, kTelling.size())];
    switch (random.Below(4 * i + 3, 4)) {
      case 0:
        bytes[at] = byte;
        break;
      case 1:
        bytes.insert(at, 1, byte);
        break;
      case 2:
        bytes.erase(at, 1);
        break;
      default:
        bytes.resize(at);
    }
  }
  return bytes;
}

// Reads all rows; errors about the whole file are as good as rows. More rows than bytes of text
// would mean that reading never ends; a packed byte stands for 1032 at most.
void ReadToTheEnd(const std::string& path, const std::string& bytes,
                  const LabelledLinesOptions& options) {
  Spill(path, bytes);
  try {
    const auto reader = OpenLabelledLines({.path = path}, options);
    std::size_t rows = 0;
    for (LabelledText row; reader->Next(&row);) {
      ASSERT_LE(++rows, 1032 * bytes.size() + 1);
      ASSERT_TRUE(!row.problem.empty() || !row.label.empty());
      ASSERT_THAT(row.source, testing::StartsWith(path));
    }
  } catch (const InputError& error) {
    ASSERT_THAT(error.what(), testing::HasSubstr(path));
  }
}

TEST(LabelledDamage, ReadingEndsWithErrorsThatNameTheFile) {
  const TempFolder folder;
  const std::string files[] = {
      "sentence\tlabel\na fine film\t1\ncaf\xC3\xA9 dull\t0\n",
      "text,label\n\"a, b\",1\n\"c\nd\",0\n",
      "{\"text\": \"a \\u00e9\", \"label\": 1}\n{\"text\": \"b\", \"label\": \"x\"}\n",
      "1 a fine film\n0 dull\n",
      "__label__a b\n__label__c d e\n",
      GzipBytes("1 a fine film\n0 dull\n")};
  Index which = 0;
  for (const std::string& file : files) {
    for (Index i = 0; i < kFilesPerFormat; ++i) {
      const std::string bytes = Damaged(file, which++);
      LabelledLinesOptions options;
      ReadToTheEnd(folder / "auto", bytes, options);
      for (const std::string& format : LabelledFormatNames()) {
        options.format = format;
        options.encoding = i % 3 == 0 ? "windows-1252" : i % 3 == 1 ? "UTF-16" : "UTF-8";
        ReadToTheEnd(folder / "named", bytes, options);
      }
      if (testing::Test::HasFatalFailure()) FAIL() << "damaged file " << which - 1;
    }
  }
}

}  // namespace
}  // namespace lockstep
