#include "data/music/music_corpus.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "data/corpus/shard_reader.h"
#include "data/music/chorales.h"
#include "tests/data/music/midi_bytes.h"
#include "tests/support/expect_error.h"
#include "tests/support/temp_folder.h"

namespace lockstep {
namespace {

class MusicCorpus : public testing::Test {
 protected:
  MusicCorpusOptions Options() const {
    MusicCorpusOptions options;
    options.out = folder_ / "corpus";
    return options;
  }
  MusicCorpusOptions OfRolls(const std::string& json) const {
    MusicCorpusOptions options = Options();
    Spill(folder_ / "rolls.json", json);
    options.rolls = {folder_ / "rolls.json"};
    return options;
  }
  // Writes chorale n as a MIDI file.
  std::string Midi(const std::string& name, std::uint64_t n) const {
    Spill(folder_ / name, MidiOfRoll(MakeChorale(1, n), 4, 100));
    return folder_ / name;
  }
  std::vector<std::string> Names(const CorpusInfo& info, const std::string& split) const {
    std::vector<std::string> names;
    for (const ShardInfo& shard : info.Split(split).shards) {
      ShardReader reader(folder_ / "corpus", info, shard);
      for (Index i = 0; i < reader.sequences(); ++i) names.push_back(reader.Name(i));
    }
    return names;
  }

  TempFolder folder_;
};

TEST_F(MusicCorpus, AStepIsPredictedFromTheStepBefore) {
  const CorpusInfo info = PrepareMusic(OfRolls(R"({"train": [[[21, 60], [], [108]]]})")).info;
  ShardReader reader(folder_ / "corpus", info, info.Split("train").shards[0]);
  const auto inputs = reader.Read(0, 0);
  ASSERT_EQ(inputs.size(), 3 * kKeys);
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const bool is_on = i == kKeys + 0 || i == kKeys + 39;
    EXPECT_EQ(std::to_integer<int>(inputs[i]), is_on ? 1 : 0) << i;
  }
  const auto targets = reader.Read(1, 0);
  const std::vector<std::int32_t> expected = {2, 0, 1, 0, 39, 87};
  ASSERT_EQ(targets.size(), expected.size() * 4);
  EXPECT_EQ(std::memcmp(targets.data(), expected.data(), targets.size()), 0);
  EXPECT_EQ(info.classes()[0], "A0");
  EXPECT_EQ(info.classes()[39], "C4");
  EXPECT_EQ(info.classes()[87], "C8");
  EXPECT_EQ(StepsPerBeat(info.task, "corpus"), 4);
}

TEST_F(MusicCorpus, TrainingPiecesAreCopiedIntoOtherKeysOnTheKeyboard) {
  MusicCorpusOptions options = OfRolls(R"({"train": [[[21, 60]]], "valid": [[[60]]]})");
  options.transpose = 2;
  const MusicCorpusSummary summary = PrepareMusic(options);
  EXPECT_EQ(Names(summary.info, "train"),
            (std::vector<std::string>{"train:0", "train:0+1", "train:0+2"}));
  EXPECT_EQ(summary.transposed, 2);
  EXPECT_EQ(summary.off_keyboard, 2);
  EXPECT_EQ(summary.info.Split("valid").sequences, 1);
}

TEST_F(MusicCorpus, FoldersOfMidiFilesAreSearchedInOrder) {
  std::filesystem::create_directory(folder_ / "midi");
  Midi("midi/b.MID", 1);
  Midi("midi/a.mid", 2);
  Spill(folder_ / "midi/notes.txt", "no music");
  MusicCorpusOptions options = Options();
  options.midi = {{{folder_ / "midi"}, {Midi("v.mid", 3)}, {}}};
  const CorpusInfo info = PrepareMusic(options).info;
  EXPECT_EQ(Names(info, "train"), (std::vector<std::string>{"a.mid", "b.MID"}));
  EXPECT_EQ(Names(info, "valid"), (std::vector<std::string>{"v.mid"}));
  EXPECT_EQ(info.Split("valid").steps, std::ssize(MakeChorale(1, 3).steps));
}

TEST_F(MusicCorpus, SplitsAreDrawnFromTheTrainingFiles) {
  MusicCorpusOptions options = Options();
  for (std::uint64_t n = 0; n < 10; ++n) {
    options.midi[0].push_back(Midi(std::to_string(n) + ".mid", n));
  }
  options.draw.valid_fraction = options.draw.test_fraction = 0.2;
  const CorpusInfo info = PrepareMusic(options).info;
  EXPECT_EQ(info.Split("train").sequences, 6);
  EXPECT_EQ(info.Split("valid").sequences, 2);
  EXPECT_EQ(info.Split("test").sequences, 2);
}

TEST_F(MusicCorpus, DamagedFilesAreLeftOutOnlyIfAskedFor) {
  MusicCorpusOptions options = Options();
  Spill(folder_ / "bad.mid", "MThd");
  Spill(folder_ / "mute.mid", MidiFile(kEndOfTrack));
  options.midi[0] = {Midi("a.mid", 1), folder_ / "bad.mid", folder_ / "mute.mid"};
  ExpectError(ExitCode::kBadData, "bad.mid: at byte 0", [&] { PrepareMusic(options); });
  options.skip_damaged = true;
  const MusicCorpusSummary summary = PrepareMusic(options);
  EXPECT_EQ(summary.info.Split("train").sequences, 1);
  EXPECT_EQ(summary.damaged.size(), 1U);
  EXPECT_EQ(summary.without_notes, (std::vector<std::string>{folder_ / "mute.mid"}));
  options.out = folder_ / "other";
  options.midi[0].push_back(folder_ / "none.mid");
  ExpectError(ExitCode::kMissingInput, "none.mid", [&] { PrepareMusic(options); });
}

TEST_F(MusicCorpus, TheSameMusicGivesTheSameCorpus) {
  MusicCorpusOptions options = Options();
  options.synthetic = 20;
  const CorpusInfo first = PrepareMusic(options).info;
  EXPECT_EQ(first.Split("train").sequences, 16);
  options.out = folder_ / "again";
  EXPECT_EQ(PrepareMusic(options).info.hash, first.hash);
  options.out = folder_ / "other";
  options.synthetic_seed = 2;
  EXPECT_NE(PrepareMusic(options).info.hash, first.hash);
}

TEST(MusicOptions, AllProblemsAreToldTogether) {
  MusicCorpusOptions options;
  options.rolls = {"a.json"};
  options.midi[1] = {"b.mid"};
  options.steps_per_beat = 0;
  options.transpose = 13;
  for (const char* problem : {"--out is missing", "give the music by one of", "--train is missing",
                              "--steps-per-beat is 0", "--transpose is 13"}) {
    ExpectError(ExitCode::kUsage, problem, [&] { CheckMusicOptions(options); });
  }
}

}  // namespace
}  // namespace lockstep
