#include "worker/decode/decoder_labels.h"

#include <gtest/gtest.h>

#include "tests/support/expect_error.h"

namespace lockstep {
namespace {

std::vector<std::string> Texts(const DecoderLabels& labels, const std::vector<Index>& labelling) {
  std::vector<std::string> texts;
  for (const LabelRange& word : labels.Words(labelling)) {
    texts.push_back(labels.Text(
        std::vector<Index>(labelling.begin() + word.begin, labelling.begin() + word.end)));
  }
  return texts;
}

using Names = std::vector<std::string>;

TEST(DecoderLabels, LettersAreWordsBetweenSeparators) {
  for (const char* separator : {" ", "<space>", "|"}) {
    const DecoderLabels labels({"<blank>", separator, "a", "b"}, LabelKind::kLetters);
    EXPECT_EQ(Texts(labels, {1, 2, 3, 1, 1, 3, 1}), (Names{"ab", "b"}));
    EXPECT_EQ(Texts(labels, {}), Names{});
  }
}

TEST(DecoderLabels, LettersWithoutSeparatorAreOneWord) {
  const DecoderLabels labels({"<blank>", "a", "b"}, LabelKind::kLetters);
  EXPECT_EQ(Texts(labels, {1, 2, 2}), Names{"abb"});
}

TEST(DecoderLabels, EachWordLabelIsAWord) {
  const DecoderLabels labels({"<blank>", "yes", "no"}, LabelKind::kWords);
  EXPECT_EQ(Texts(labels, {1, 2, 2}), (Names{"yes", "no", "no"}));
}

TEST(DecoderLabels, PiecesBeginWordsByTheirMark) {
  const DecoderLabels labels({"<blank>", "\u2581he", "llo", "\u2581"}, LabelKind::kPieces);
  EXPECT_EQ(Texts(labels, {1, 2, 1, 3, 2}), (Names{"hello", "he", "llo"}));
  EXPECT_EQ(Texts(labels, {2, 1}), (Names{"llo", "he"}));
}

TEST(DecoderLabels, TheBlankAloneIsNoModel) {
  ExpectError(ExitCode::kUsage, "1 classes",
              [] { DecoderLabels({"<blank>"}, LabelKind::kLetters); });
}

}  // namespace
}  // namespace lockstep
