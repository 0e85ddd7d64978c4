#include "launch/frame/terminal_filter.h"

#include <gtest/gtest.h>

#include <sstream>

namespace lockstep {
namespace {

TEST(TerminalFilter, ShowsControlCharactersOnATerminalOnly) {
  for (const bool is_terminal : {true, false}) {
    std::ostringstream out;
    {
      const TerminalFilter filter(&out, is_terminal);
      out << "a\tb\n\x1b[2J" << '\r' << "c\n";
    }
    EXPECT_EQ(out.str(), is_terminal ? "a\tb\n<U+001B>[2J<U+000D>c\n" : "a\tb\n\x1b[2J\rc\n");
    out << "\x1b";  // its own buffer is back
    EXPECT_TRUE(out.str().ends_with('\x1b'));
  }
}

TEST(TerminalFilter, HandsOnWhatIsFlushed) {
  std::ostringstream out;
  const TerminalFilter filter(&out, true);
  out << "some";
  out << " words" << std::flush;
  EXPECT_EQ(out.str(), "some words");
}

TEST(TerminalFilter, SeesAControlCharacterThatComesInTwoPieces) {
  std::ostringstream out;
  {
    const TerminalFilter filter(&out, true);
    out << "x\xC2" << std::flush;
    EXPECT_EQ(out.str(), "x");
    out << "\x9B" << std::flush;
    EXPECT_EQ(out.str(), "x<U+009B>");
    out << "\xC2" << std::flush << "\xA0\xC2";
  }
  EXPECT_EQ(out.str(), "x<U+009B>\xC2\xA0\xC2");
}

TEST(TerminalFilter, ShowsWhatChangesTheDirectionOfText) {
  std::ostringstream out;
  {
    const TerminalFilter filter(&out, true);
    out << "a\xE2\x80\xAE"
        << "b\xE2\x81\xA6"
        << "c\xE2" << std::flush << "\x80" << std::flush << "\xAA"
        << "d\xE2\x80\x93"
        << "e\xE2\x80\xAF"
        << "\xE2\x81\xAA\n\xE2\x82\xAC"
        << "f\xE2";
  }
  EXPECT_EQ(out.str(),
            "a<U+202E>b<U+2066>c<U+202A>d\xE2\x80\x93"
            "e\xE2\x80\xAF\xE2\x81\xAA\n\xE2\x82\xAC"
            "f\xE2");
}

TEST(TerminalFilter, LetsTheRawStreamMoveTheCursor) {
  for (const bool is_terminal : {true, false}) {
    std::ostringstream out;
    TerminalFilter filter(&out, is_terminal);
    out << "first\n";
    filter.raw() << "\x1b[2J";
    out << "last\n";
    EXPECT_EQ(out.str(), "first\n\x1b[2Jlast\n");
  }
}

TEST(TerminalFilter, TellsThatNothingCanBeWritten) {
  struct Full : std::streambuf {};  // takes nothing
  Full full;
  std::ostream stream(&full);
  const TerminalFilter filter(&stream, true);
  EXPECT_FALSE(stream << "text" << std::flush);
}

}  // namespace
}  // namespace lockstep
