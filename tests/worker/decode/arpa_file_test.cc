#include "worker/decode/arpa_file.h"

#include <gtest/gtest.h>

#include "tests/data/gzip_bytes.h"
#include "tests/support/expect_error.h"
#include "tests/support/temp_folder.h"
#include "tests/worker/decode/arpa_text.h"

namespace lockstep {
namespace {

// The small model with one piece of its text replaced.
std::string Changed(const std::string& from, const std::string& to) {
  std::string text = kSmallArpa;
  const std::size_t place = text.find(from);
  EXPECT_NE(place, std::string::npos) << from;
  return text.replace(place, from.size(), to);
}

void ExpectRefused(const std::string& text, const std::string& message) {
  const TempFolder folder;
  Spill(folder / "bad.arpa", text);
  ExpectError(ExitCode::kBadData, message, [&] { ReadArpa(folder / "bad.arpa"); });
}

TEST(ArpaFile, AMissingFileIsNamed) {
  ExpectError(ExitCode::kMissingInput, "none.arpa", [] { ReadArpa("none.arpa"); });
}

TEST(ArpaFile, MayBeCompressed) {
  const TempFolder folder;
  Spill(folder / "model.arpa.gz", GzipBytes(kSmallArpa));
  EXPECT_EQ(ReadArpa(folder / "model.arpa.gz").count(3), 3);
}

TEST(ArpaFile, ProbabilitiesMustBeNumbersUpToZero) {
  ExpectRefused(Changed("-0.4\ta", "0.4\ta"), "bad.arpa:12: \"0.4\" is no logarithm");
  ExpectRefused(Changed("-0.4\ta", "nan\ta"), "\"nan\" is no logarithm");
  ExpectRefused(Changed("-0.4\ta", "-0,4\ta"), "allowed are finite numbers up to 0");
}

TEST(ArpaFile, BackoffWeightsMustBeNumbersBelowTheHighestOrder) {
  ExpectRefused(Changed("a\t-0.2", "a\tx"), "bad.arpa:12: \"x\" is no backoff weight");
  ExpectRefused(Changed("a\t-0.2", "a\tinf"), "\"inf\" is no backoff weight");
  ExpectRefused(Changed("a b c\n", "a b c -1\n"), "highest order, 3, has the backoff weight -1");
}

TEST(ArpaFile, AnNgramHasItsNumberOfWords) {
  ExpectRefused(Changed("a c\n", "a\n"),
                "bad.arpa:19: 2 fields, expected log10 of a probability, 2");
  ExpectRefused(Changed("a c\n", "a c b a\n"), "5 fields");
}

TEST(ArpaFile, WordsOfNgramsMustBeOneGrams) {
  ExpectRefused(Changed("a c\n", "a zebra\n"), "bad.arpa:19: \"zebra\" is no 1-gram");
}

TEST(ArpaFile, ANgramGivenTwiceIsRefused) {
  ExpectRefused(Changed("a c\n", "a b\n"), "bad.arpa:19: the 2-gram \"a b\" is given twice");
  ExpectRefused(Changed("-0.9\tc", "-0.9\ta"), "the 1-gram \"a\" is given twice");
}

TEST(ArpaFile, CountsAreCheckedNotBelieved) {
  ExpectRefused(Changed("ngram 2=5", "ngram 2=4000000000000"),
                "5 2-grams stand above, `ngram 2=4000000000000` is declared");
  ExpectRefused(Changed("ngram 2=5", "ngram 2=-5"), "expected `ngram N=COUNT`");
  ExpectRefused(Changed("ngram 2=5", "ngram =5"), "expected `ngram N=COUNT`");
  ExpectRefused(Changed("ngram 2=5", "ngram 2"), "bad.arpa:5: found \"ngram 2\"");
}

TEST(ArpaFile, OrdersFollowEachOther) {
  ExpectRefused(Changed("ngram 2=5\n", ""), "bad.arpa:5: `ngram 3=` follows order 1");
  ExpectRefused(Changed("\\2-grams:", "\\3-grams:"), "expected \\2-grams:");
  ExpectRefused("\\data\\\nngram 1=1\n\\1-grams:\n-1 a\n\\2-grams:\n",
                "found \"\\2-grams:\", expected \\end\\");
}

TEST(ArpaFile, OrdersAboveTenAreRefused) {
  std::string counts = "\\data\\\n";
  for (int n = 1; n <= 11; ++n) counts += fmt::format("ngram {}=1\n", n);
  ExpectRefused(counts, "bad.arpa:12: order 11; models up to order 10");
}

TEST(ArpaFile, AFileCutShortIsRefusedWhereverItEnds) {
  const std::string whole = kSmallArpa;
  const std::size_t end = whole.find("\\end\\") + 5;
  for (std::size_t length = 0; length < end; ++length) {
    const TempFolder folder;
    Spill(folder / "cut.arpa", whole.substr(0, length));
    EXPECT_THROW(ReadArpa(folder / "cut.arpa"), InputError) << length;
  }
}

TEST(ArpaFile, OtherFilesAreRefused) {
  ExpectRefused("", "without a line \\data\\; it is no ARPA model");
  ExpectRefused("{\"json\": 1}\n", "it is no ARPA model");
  ExpectRefused("\\data\\\n\\1-grams:\n", "expected `ngram 1=COUNT`");
}

}  // namespace
}  // namespace lockstep
