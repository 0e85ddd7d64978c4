#include "worker/layers/word_input.h"

#include <gtest/gtest.h>

#include "data/batch/span_tags.h"
#include "tests/worker/models/model_harness.h"

namespace lockstep {
namespace {

constexpr Index kWords = 7, kCharacters = 5, kShapes = 3;

Vocabulary Ids(const char* name, Index size) {
  Vocabulary ids;
  ids.name = name;
  for (Index i = 0; i < size; ++i) ids.names.push_back(std::to_string(i));
  ids.unknown = 0;
  return ids;
}

Schema WordSchema() {
  Schema schema;
  schema.vocabularies = {Ids("words", kWords), Ids("characters", kCharacters),
                         Ids("shapes", kShapes), TagVocabulary(TagScheme::kIobes, {"X"})};
  schema.fields = {{.name = "words", .type = ElementType::kInt32, .vocabulary = 0},
                   {.name = "characters",
                    .type = ElementType::kInt32,
                    .alignment = Alignment::kListInStep,
                    .vocabulary = 1},
                   {.name = "shapes", .vocabulary = 2},
                   {.name = "targets", .role = FieldRole::kTarget, .vocabulary = 3}};
  return schema;
}

// Word w has 1 + w % 4 characters, except for word 6, which has none.
SlotBatch WordSlot(const std::vector<Index>& lengths) {
  const CounterRng rng(kSeed, RandomPurpose::kTest);
  SlotBatch slot;
  slot.layout = PackedLayout(lengths);
  slot.fields.resize(4);
  slot.fields[1].offsets = {0};
  for (std::uint64_t row = 0; row < static_cast<std::uint64_t>(slot.layout.rows()); ++row) {
    const auto word = static_cast<std::int32_t>(rng.Below(row, kWords));
    slot.fields[0].ids.push_back(word);
    for (std::int32_t c = 0; word < 6 && c <= word % 4; ++c)
      slot.fields[1].ids.push_back((3 * word + c * c) % static_cast<std::int32_t>(kCharacters));
    slot.fields[1].offsets.push_back(std::ssize(slot.fields[1].ids));
    slot.fields[2].ids.push_back(word % static_cast<std::int32_t>(kShapes));
    slot.fields[3].ids.push_back(row % 5 == 3 ? -1 : 0);
  }
  for (std::uint64_t id = 0; id < lengths.size(); ++id) slot.sample_ids.push_back(id);
  return slot;
}

EncoderOptions Options(CharacterKind kind) {
  EncoderOptions options;
  options.hidden_size = 3;
  options.embedding_size = 4;
  options.words = {.characters = kind,
                   .character_embedding_size = 3,
                   .character_size = 4,
                   .shape_size = 2,
                   .once_begin = 3,
                   .once_end = kWords};
  return options;
}

SlotBounds BoundsOf(const SlotBatch& slot) {
  const Index rows = slot.layout.rows(), characters = std::ssize(slot.fields[1].ids);
  return {slot.layout.sequences(),
          slot.layout.steps(),
          rows,
          {rows, characters, rows, rows},
          {rows, characters, rows, rows}};
}

struct Harness : HarnessOf<EncoderModel<double>> {
  Harness(const EncoderOptions& options, const std::vector<Index>& lengths)
      : HarnessOf(WordSlot(lengths), BoundsOf(WordSlot(lengths)), options, HeadOptions(),
                  WordSchema()) {}
  GradientCheck Check() { return HarnessOf::Check(kNarrowDifference); }
};

TEST(WordInput, GradientsAgreeWithFiniteDifferencesForEachKind) {
  for (const CharacterKind kind :
       {CharacterKind::kNone, CharacterKind::kCnn, CharacterKind::kGru}) {
    const GradientCheck check = Harness(Options(kind), {6, 5, 5, 1}).Check();
    EXPECT_LE(check.worst_error, kGradientTolerance) << CharacterKindName(kind) << " " << check;
  }
}

TEST(WordInput, GradientsAgreeWithEveryDropout) {
  for (const CharacterKind kind : {CharacterKind::kCnn, CharacterKind::kGru}) {
    EncoderOptions options = Options(kind);
    options.input_dropout = 0.3;
    options.output_dropout = 0.3;
    options.symbol_dropout = 0.3;
    options.embedding_dropout = 0.3;
    options.words.unknown_dropout = 0.5;
    const GradientCheck check = Harness(options, {6, 5, 2}).Check();
    EXPECT_LE(check.worst_error, kGradientTolerance) << CharacterKindName(kind) << " " << check;
  }
}

TEST(WordInput, GradientsAgreeWhereNoWordHasACharacter) {
  for (const CharacterKind kind : {CharacterKind::kCnn, CharacterKind::kGru}) {
    Harness harness(Options(kind), {2, 1});
    harness.slot.fields[1].ids.clear();
    harness.slot.fields[1].offsets.assign(4, 0);
    EXPECT_LE(harness.Check().worst_error, kGradientTolerance) << CharacterKindName(kind);
  }
}

TEST(WordInput, WordsOfOneCharacterAreRead) {
  for (const CharacterKind kind : {CharacterKind::kCnn, CharacterKind::kGru}) {
    Harness harness(Options(kind), {2, 1});
    harness.slot.fields[1].ids = {1, 4, 1};
    harness.slot.fields[1].offsets = {0, 1, 2, 3};
    EXPECT_LE(harness.Check().worst_error, kGradientTolerance) << CharacterKindName(kind);
    const auto d_characters = harness.GradientOf("characters.weight");
    EXPECT_NE(d_characters[3], 0) << "character 1";
    EXPECT_EQ(d_characters[6], 0) << "character 2 does not occur";
  }
}

TEST(DistinctWords, EachWordIsThereOnce) {
  FieldBatch lists;
  lists.ids = {2, 1, 3, 2, 1, 2, 1, 1, 3};
  lists.offsets = {0, 2, 3, 5, 5, 7, 9};  // 21, 3, 21, nothing, 21, 13
  const DistinctWords words = FindDistinctWords(lists);
  EXPECT_EQ(words.count(), 3);
  EXPECT_EQ(words.word_of, (std::vector<Index>{1, 2, 1, -1, 1, 0}));
  EXPECT_EQ(words.characters, (std::vector<std::int32_t>{1, 2, 3, 3, 1})) << "13, 21, 3 by time";
}

TEST(WordInput, TheUnknownWordStandsInOnlyForWordsThatOccurOnce) {
  EncoderOptions options = Options(CharacterKind::kNone);
  options.words.unknown_dropout = 0.999999;
  Harness harness(options, {6, 6, 6, 6});
  harness.Run();
  const auto gradient = harness.GradientOf("embedding.weight");
  const auto touched = [&](Index word) {
    const auto row = gradient.subspan(static_cast<std::size_t>(4 * word), 4);
    return std::any_of(row.begin(), row.end(), [](double g) { return g != 0; });
  };
  EXPECT_TRUE(touched(0) && touched(1) && touched(2));
  for (Index word = 3; word < kWords; ++word) EXPECT_FALSE(touched(word)) << word;
}

TEST(WordInput, TheUnknownRowIsAmongThoseThatMayBeTouched) {
  EncoderOptions options = Options(CharacterKind::kNone);
  options.embedding_size = 4096;  // a table that is worth the bookkeeping
  EXPECT_EQ(EncoderModel<float>(options, {}, WordSchema()).row_table().stand_in, -1);
  options.words.unknown_dropout = 0.5;
  EXPECT_EQ(EncoderModel<float>(options, {}, WordSchema()).row_table().stand_in, 0);
}

TEST(WordInput, FieldsThatAreNotReadHaveNoParameters) {
  EncoderOptions options = Options(CharacterKind::kNone);
  options.words.shape_size = 0;
  const EncoderModel<float> model(options, {}, WordSchema());
  EXPECT_EQ(model.layout().infos()[1].name, "rnn.weight_ih_l0");
  EXPECT_EQ(model.layout().infos()[1].cols(), 4);
}

}  // namespace
}  // namespace lockstep
