#include "worker/decode/decoder_lines.h"

#include <gtest/gtest.h>

#include "tests/support/expect_error.h"
#include "tests/support/temp_folder.h"

namespace lockstep {
namespace {

std::vector<std::string> LinesOf(const std::string& text) {
  const TempFolder folder;
  Spill(folder / "f", text);
  DecoderLines lines(folder / "f");
  std::vector<std::string> found;
  for (std::string_view line; lines.Next(&line);) found.emplace_back(line);
  return found;
}

TEST(DecoderLines, AreTheSameWordsHoweverTheyAreEncoded) {
  const std::vector<std::string> expected = {"caf\xC3\xA9 au lait", "x y"};
  EXPECT_EQ(LinesOf("caf\xC3\xA9 au lait\nx y\n"), expected);
  EXPECT_EQ(LinesOf("cafe\xCC\x81 au lait\r\nx y"), expected);  // NFD
  EXPECT_EQ(LinesOf("\xEF\xBB\xBF"
                    "caf\xC3\xA9\xC2\xA0"
                    "au  lait\rx y\r"),
            expected);  // mark, no-break space
  EXPECT_EQ(LinesOf("caf\xC3\xA9\xE2\x80\x8B au lait\nx\xE3\x80\x80y\n"), expected);  // no width
}

TEST(DecoderLines, KeepTabsOfPlainLines) {
  EXPECT_EQ(LinesOf("-1.5\tone\t-0.3\n"), std::vector<std::string>{"-1.5\tone\t-0.3"});
}

TEST(DecoderLines, MustBeText) {
  ExpectError(ExitCode::kBadData, "f:2: column 3 has the byte", [] { LinesOf("a\nab\xFF\n"); });
}

}  // namespace
}  // namespace lockstep
