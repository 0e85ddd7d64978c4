#include "worker/decode/decoder_fit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/expect_error.h"
#include "tests/support/temp_folder.h"
#include "worker/decode/arpa_file.h"

namespace lockstep {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using Names = std::vector<std::string>;

const DecoderLabels kLetters({"<blank>", "a", "b", "|"}, LabelKind::kLetters);

// A model of these words alone.
std::string Arpa(const Names& words) {
  std::string text = fmt::format("\\data\\\nngram 1={}\n\n\\1-grams:\n-1 <s>\n-1 </s>\n-1 <unk>\n",
                                 words.size() + 3);
  for (const std::string& word : words) text += "-1 " + word + "\n";
  return text + "\n\\end\\\n";
}

class DecoderFit : public testing::Test {
 protected:
  Names Check(const DecoderLabels& labels, const Names& language, const std::string& list = "") {
    DecoderFiles files;
    std::optional<NgramModel> model;
    std::optional<WordList> words;
    if (!language.empty()) {
      Spill(folder_ / "lm", Arpa(language));
      files.language = &model.emplace(ReadArpa(folder_ / "lm"));
      files.language_path = "lm";
    }
    if (!list.empty()) {
      Spill(folder_ / "list", list);
      files.words = &words.emplace(WordList::Read(folder_ / "list", labels.names()));
      files.words_path = "list";
    }
    return CheckDecoderFiles(labels, files);
  }

  TempFolder folder_;
};

TEST_F(DecoderFit, FilesThatFitAreNotMentioned) {
  EXPECT_THAT(Check(kLetters, {"ab", "ba"}), IsEmpty());
  EXPECT_THAT(Check(kLetters, {"ab", "ba"}, "ab\nba\n"), IsEmpty());
  EXPECT_THAT(Check(kLetters, {}, "ab\n"), IsEmpty());
  EXPECT_THAT(Check(kLetters, {}), IsEmpty());
}

TEST_F(DecoderFit, WordsThatCannotBeSpeltAreCounted) {
  EXPECT_THAT(Check(kLetters, {}, "ab\nabc\nba\nc\n"),
              ElementsAre(HasSubstr("list: 2 of 4 words (50.0 %) are left out, because the model's "
                                    "labels cannot spell them; the first is on line 2: \"abc\"")));
  EXPECT_THAT(Check(kLetters, {"ab", "abc"}),
              ElementsAre(HasSubstr("lm: the model's labels cannot spell 1 of 2 words of the "
                                    "language model (50.0 %), for example \"abc\"")));
}

TEST_F(DecoderFit, AModelInOtherLettersIsRefused) {
  ExpectError(ExitCode::kBadData, "lm: the model's labels can spell none of the 2 words", [&] {
    Check(kLetters, {"AB", "BA"});
  });
}

TEST_F(DecoderFit, AModelOfSingleLettersIsTold) {
  EXPECT_THAT(Check(kLetters, {"a", "b"}), ElementsAre(HasSubstr("is one letter long")));
}

TEST_F(DecoderFit, WordListAndModelAreCompared) {
  EXPECT_THAT(Check(kLetters, {"ab"}, "ab\nba\n"),
              ElementsAre(HasSubstr("list: the language model lm does not know 1 of 2 words "
                                    "(50.0 %), for example \"ba\"")));
  EXPECT_THAT(Check(kLetters, {"ab"}, "ab\nabc\n"), ElementsAre(HasSubstr("left out")));
  ExpectError(ExitCode::kBadData, "list and lm do not fit: the language model knows none of the 2",
              [&] {
                Check(kLetters, {"AB", "ab"}, "a\nb\n");
              });
}

TEST_F(DecoderFit, WordsAndPiecesMustBeKnownToTheModel) {
  const DecoderLabels words({"<blank>", "yes", "no"}, LabelKind::kWords);
  const DecoderLabels pieces({"<blank>", "\u2581ye", "s"}, LabelKind::kPieces);
  EXPECT_THAT(Check(words, {"yes", "no", "more"}), IsEmpty());
  EXPECT_THAT(Check(words, {"yes"}), ElementsAre(HasSubstr("does not know 1 of 2 labels (50.0 %), "
                                                           "for example \"no\"")));
  ExpectError(ExitCode::kBadData, "knows none of the 2 labels", [&] { Check(words, {"YES"}); });
  ExpectError(ExitCode::kBadData, "(pieces with blanks", [&] { Check(pieces, {"yes"}); });
}

}  // namespace
}  // namespace lockstep
