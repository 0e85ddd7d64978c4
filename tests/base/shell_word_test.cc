#include "base/shell_word.h"

#include <gtest/gtest.h>

namespace lockstep {
namespace {

TEST(ShellWord, IsQuotedWhereAShellWouldReadMore) {
  EXPECT_EQ(ShellQuoted("model.cell=lstm"), "model.cell=lstm");
  EXPECT_EQ(ShellQuoted("a b"), "'a b'");
  EXPECT_EQ(ShellQuoted("it's"), "'it'\\''s'");
  EXPECT_EQ(ShellQuoted("$(reboot)"), "'$(reboot)'");
  EXPECT_EQ(ShellQuoted(""), "''");
  EXPECT_EQ(ShellQuoted("a\n# What's \\"),
            "$'a\\x0a# What\\'s \\\\'");  // no line break in the script
}

}  // namespace
}  // namespace lockstep
