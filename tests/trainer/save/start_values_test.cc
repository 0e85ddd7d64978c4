#include "trainer/save/start_values.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/expect_error.h"

namespace lockstep {
namespace {

using Names = std::vector<std::string>;

Schema SchemaOf(const Names& symbols, const Names& classes) {
  Vocabulary inputs, targets;
  inputs.name = "symbols";
  inputs.names = symbols;
  targets.name = "classes";
  targets.names = classes;
  return TwoFieldSchema({}, inputs, {}, targets);
}

// An embedding, a layer, and a head with the scores of neighbours, for these vocabularies.
ParameterLayout LayoutOf(const Schema& schema, Index hidden = 3) {
  const auto count = [&](std::size_t f) { return schema.IdsOf(schema.fields[f]); };
  ParameterLayout layout;
  layout.Add("embedding.weight", {count(0), 2}, {});
  layout.Add("rnn.weight_ih_l0", {hidden, 2}, {});
  layout.Add("head.weight", {count(1), hidden}, {});
  layout.Add("head.bias", {count(1)}, {});
  layout.Add("head.transitions", {count(1), count(1)}, {});
  return layout;
}

class StartValuesTest : public testing::Test {
 protected:
  // The other run: element i of a parameter has the value 100 * (its number) + i.
  static StartValues Other(const Schema& schema, Index hidden = 3) {
    const ParameterLayout layout = LayoutOf(schema, hidden);
    StartValues start{"other.h5", layout.infos(), schema, AlignedBuffer<float>(layout.size())};
    for (std::size_t p = 0; p < layout.infos().size(); ++p)
      for (Index i = 0; i < layout.infos()[p].count(); ++i)
        start.values.data()[layout.infos()[p].offset + i] =
            static_cast<float>(100 * static_cast<Index>(p) + i);
    return start;
  }
  // The elements of a parameter after copying; -1 where nothing was copied.
  std::vector<float> Copied(const StartValues& start, const Schema& schema, std::size_t parameter) {
    const ParameterLayout layout = LayoutOf(schema);
    std::vector<float> values(static_cast<std::size_t>(layout.size()), -1);
    report_ = CopyStartValues(start, layout, schema, values);
    const ParameterInfo& info = layout.infos()[parameter];
    return {values.begin() + info.offset, values.begin() + info.offset + info.count()};
  }

  const Schema letters_ = SchemaOf({"A", "B"}, {"x", "y"});
  StartReport report_;
};

using Floats = std::vector<float>;

TEST_F(StartValuesTest, EqualModelsAreCopiedWhole) {
  EXPECT_EQ(Copied(Other(letters_), letters_, 0), (Floats{0, 1, 2, 3}));
  EXPECT_EQ(Copied(Other(letters_), letters_, 4), (Floats{400, 401, 402, 403}));
  EXPECT_EQ(report_.taken, (Names{"embedding.weight", "rnn.weight_ih_l0", "head.weight",
                                  "head.bias", "head.transitions"}));
  EXPECT_TRUE(report_.anew.empty());
}

TEST_F(StartValuesTest, RowsFollowTheNamesOfSymbolsAndClasses) {
  const Schema other = SchemaOf({"C", "B", "A"}, {"z", "x"});
  const StartValues start = Other(other);
  EXPECT_EQ(Copied(start, letters_, 0), (Floats{4, 5, 2, 3}));
  EXPECT_EQ(Copied(start, letters_, 2), (Floats{203, 204, 205, -1, -1, -1}));
  EXPECT_EQ(Copied(start, letters_, 3), (Floats{301, -1}));
  EXPECT_EQ(Copied(start, letters_, 4), (Floats{403, -1, -1, -1}));
  EXPECT_EQ(report_.taken[2], "head.weight (1 of 2 classes)");
}

TEST_F(StartValuesTest, RowsOfCharactersFollowTheirNames) {
  const auto tagger = [&](const Names& characters) {
    Schema schema = letters_;
    schema.vocabularies.push_back(schema.vocabularies[0]);
    schema.vocabularies.back().names = characters;
    schema.fields.push_back({.name = "characters",
                             .type = ElementType::kInt32,
                             .alignment = Alignment::kListInStep,
                             .role = FieldRole::kInput,
                             .vocabulary = 2});
    return schema;
  };
  ParameterLayout layout;
  layout.Add("characters.weight", {3, 1}, {});
  StartValues start{"other.h5", layout.infos(), tagger({"a", "b", "c"}), AlignedBuffer<float>(3)};
  std::ranges::copy(Floats{1, 2, 3}, start.values.data());
  Floats values(3, -1);
  const auto report = CopyStartValues(start, layout, tagger({"c", "d", "a"}), values);
  EXPECT_EQ(values, (Floats{3, -1, 1}));
  EXPECT_EQ(report.taken, (Names{"characters.weight (2 of 3 characters)"}));
}

TEST_F(StartValuesTest, AVocabularyWithoutACommonNameStartsAnew) {
  EXPECT_EQ(Copied(Other(SchemaOf({"P", "Q"}, {"x", "y"})), letters_, 0), Floats(4, -1));
  EXPECT_EQ(report_.anew, (Names{"embedding.weight"}));
}

TEST_F(StartValuesTest, OnlyTheNamedPartsAreTaken) {
  StartValues start = Other(letters_);
  start.parts = "embedding.*";
  EXPECT_EQ(Copied(start, letters_, 1), Floats(6, -1));
  EXPECT_EQ(report_.taken, (Names{"embedding.weight"}));
  start.parts = "embeding.*";
  ExpectError(ExitCode::kUsage, "train.start_parts: no parameter of the model has the name",
              [&] { Copied(start, letters_, 1); });
}

TEST_F(StartValuesTest, OtherShapesStartAnewAndNothingInCommonIsRefused) {
  StartValues start = Other(letters_, 4);
  EXPECT_EQ(Copied(start, letters_, 1), Floats(6, -1));
  EXPECT_EQ(report_.anew, (Names{"rnn.weight_ih_l0", "head.weight"}));
  start.parts = "rnn.*";
  ExpectError(ExitCode::kUsage, "no parameter of other.h5 has the name and shape",
              [&] { Copied(start, letters_, 1); });
}

}  // namespace
}  // namespace lockstep
