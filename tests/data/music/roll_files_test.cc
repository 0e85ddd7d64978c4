#include "data/music/roll_files.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <map>

#include "base/counter_rng.h"
#include "base/gzip_reader.h"
#include "tests/data/gzip_bytes.h"
#include "tests/support/expect_error.h"
#include "tests/support/temp_folder.h"

namespace lockstep {
namespace {

using Found = std::map<std::string, std::vector<KeySet>>;  // pieces by name

KeySet Keys(const std::vector<int>& notes) {
  KeySet keys;
  for (const int note : notes) keys.set(KeyOf(note));
  return keys;
}

class RollFiles : public testing::Test {
 protected:
  Found Read(const std::string& bytes) {
    const std::string path = folder_ / "rolls";
    Spill(path, bytes);
    Found found;
    ReadRollFile(path, [&](DataSplit split, const PianoRoll& roll) {
      EXPECT_TRUE(roll.name.starts_with(DataSplitName(split)));
      found[roll.name] = roll.steps;
    });
    return found;
  }
  void ExpectDamage(const std::string& message, const std::string& bytes) {
    ExpectError(ExitCode::kBadData, message, [&] { Read(bytes); });
  }
  // Damages one byte after another, and cuts: each is read or refused, and nothing else.
  void Damage(const std::string& good) {
    const CounterRng rng(3, RandomPurpose::kTest);
    for (std::size_t i = 0; i < good.size(); ++i) {
      std::string bad = good;
      bad[i] = static_cast<char>(rng.Below(i, 256));
      if (i % 5 == 0) bad.resize(i);
      try {
        Read(bad);
      } catch (const Error& error) {
        EXPECT_EQ(error.code(), ExitCode::kBadData) << error.what();
      }
    }
  }

  TempFolder folder_;
};

const std::string kJson =
    R"({"train": [[[60, 64], [], [21]], [[108]]], "test": [], "valid": [ [ [ 60 ] ] ] })";

TEST_F(RollFiles, JsonHasPiecesOfStepsOfNotes) {
  const Found expected = {{"train:0", {Keys({60, 64}), Keys({}), Keys({21})}},
                          {"train:1", {Keys({108})}},
                          {"valid:0", {Keys({60})}}};
  EXPECT_EQ(Read(kJson), expected);
  EXPECT_EQ(Read(GzipBytes(kJson)), expected);
}

TEST_F(RollFiles, JsonNumbersAndNamesHaveNoBlanksInThem) {
  ExpectDamage("note 6 before byte 14", R"({"train": [[[6 0]]]})");
  ExpectDamage("the end of a name that is train", R"({"t rain": [[[60]]]})");
  // The file is read in pieces. A number that begins at the end of one goes on in the next.
  const std::string begin = R"({"train": [[[6)";
  const std::string blanks(GzipReader::kPieceBytes - begin.size(), ' ');
  EXPECT_EQ(Read(blanks + begin + "0]]]}"), (Found{{"train:0", {Keys({60})}}}));
  ExpectDamage("note 6 before byte 1048576", blanks + begin + " 0]]]}");
}

TEST_F(RollFiles, DamagedJsonIsNamedWithItsByte) {
  ExpectDamage("rolls: at byte 0 there is 'x'", "x");
  ExpectDamage("rolls: at byte 0 the file ends", "");
  ExpectDamage("rolls: at byte 6 there is '\"'", R"({"tran": []})");
  ExpectDamage("in piece train:0 there is '-', where a note must be", R"({"train": [[[-5]]]})");
  ExpectDamage("note 20 before byte 15, in piece train:0, step 0; allowed are 21 to 108",
               R"({"train": [[[20]]]})");
  ExpectDamage("note 9999", R"({"train": [[[99999999999999999999]]]})");
  ExpectDamage("piece train:0, which ends at byte 13, has no step", R"({"train": [[]]})");
  ExpectDamage("there is '.', where ',' or ']'", R"({"train": [[[60.5]]]})");
  ExpectDamage("the file ends", R"({"train": [[[60]])");
  ExpectDamage("at byte 13 there is 'x', where the end of the file", R"({"train": []}x)");
  Damage(kJson);
}

// ---- MATLAB 5 files, made here part by part.

template <typename T>
std::string Raw(const std::vector<T>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)};
}
std::string Part(std::uint32_t type, const std::string& data) {
  std::string part = Raw<std::uint32_t>({type, static_cast<std::uint32_t>(data.size())}) + data;
  return part + std::string((8 - part.size() % 8) % 8, '\0');
}
std::string Matrix(std::uint32_t class_id, const std::vector<std::int32_t>& shape,
                   const std::string& name, const std::string& content) {
  return Part(14, Part(6, Raw<std::uint32_t>({class_id, 0})) + Part(5, Raw(shape)) + Part(1, name) +
                      content);
}
// A piece of doubles, or of bytes in a matrix of doubles, as MATLAB stores small numbers.
std::string Piece(const std::vector<KeySet>& steps, bool as_doubles) {
  std::vector<double> doubles;
  std::vector<std::uint8_t> bytes;
  for (std::size_t key = 0; key < kKeys; ++key) {
    for (const KeySet& step : steps) {
      doubles.push_back(step[key] ? 1 : 0);
      bytes.push_back(step[key] ? 1 : 0);
    }
  }
  return Matrix(6, {static_cast<std::int32_t>(steps.size()), 88}, "",
                as_doubles ? Part(9, Raw(doubles)) : Part(2, Raw(bytes)));
}
std::string Header() {
  std::string text = "MATLAB 5.0 MAT-file";
  text.resize(124, ' ');
  return text + std::string("\x00\x01IM", 4);
}
std::string Packed(const std::string& part) {
  std::string bytes(compressBound(part.size()), '\0');
  uLongf length = bytes.size();
  compress(reinterpret_cast<Bytef*>(bytes.data()), &length,
           reinterpret_cast<const Bytef*>(part.data()), part.size());
  bytes.resize(length);
  return Raw<std::uint32_t>({15, static_cast<std::uint32_t>(length)}) + bytes;
}
const std::vector<KeySet> kPiece = {Keys({60, 64}), Keys({}), Keys({21, 108})};

TEST_F(RollFiles, MatFilesHaveCellsOfMatrices) {
  const std::string cells = Piece(kPiece, true) + Piece({Keys({70})}, false);
  const std::string train = Matrix(1, {1, 2}, "traindata", cells);
  const std::string other = Matrix(6, {1, 1}, "dt", Part(9, Raw<double>({0.25})));
  const std::string test = Matrix(1, {1, 1}, "testdata", Piece({Keys({71})}, true));
  const Found expected = {{"train:0", kPiece}, {"train:1", {Keys({70})}}, {"test:0", {Keys({71})}}};
  EXPECT_EQ(Read(Header() + train + other + test), expected);
  EXPECT_EQ(Read(Header() + Packed(train) + Packed(other) + Packed(test)), expected);
}

TEST_F(RollFiles, DamagedMatFilesAreNamedWithTheirByte) {
  const std::string train = Matrix(1, {1, 1}, "traindata", Piece(kPiece, false));
  ExpectDamage("numbers have their lowest byte first", "MATLAB 5.0 MAT-file");
  ExpectDamage("at byte 128 a variable of", Header() + train.substr(0, 100));
  ExpectDamage("there is a part of type 9", Header() + Part(9, Raw<double>({1})));
  ExpectDamage("the variable traindata is no cell array",
               Header() + Matrix(6, {1, 1}, "traindata", Part(9, Raw<double>({1}))));
  const auto cell = [](const std::string& content) {
    return Header() + Matrix(1, {1, 1}, "traindata", content);
  };
  ExpectDamage("in piece train:0, a cell holds a matrix [1, 87]",
               cell(Matrix(6, {1, 87}, "", Part(9, Raw(std::vector<double>(87))))));
  ExpectDamage("a cell holds a matrix [2000000000, 88]",
               cell(Matrix(6, {2000000000, 88}, "", Part(9, ""))));
  ExpectDamage("704 bytes of type 9 for 176 numbers",
               cell(Matrix(6, {2, 88}, "", Part(9, Raw(std::vector<double>(88))))));
  ExpectDamage("key 0 of step 0 is 2; allowed are 0 and 1",
               cell(Matrix(6, {1, 88}, "", Part(9, Raw(std::vector<double>(88, 2))))));
  ExpectDamage("a matrix of class 5", cell(Matrix(5, {1, 88}, "", "")));
  ExpectDamage("ends at byte 192", Header() + Matrix(1, {1000000, 1000000}, "traindata", ""));
  ExpectDamage("ends at byte", Header() + Packed(train.substr(0, 200)));
  std::string flipped = Header() + Packed(train);
  flipped[150] = static_cast<char>(flipped[150] ^ 0x55);
  ExpectError(ExitCode::kBadData, "rolls: ", [&] { Read(flipped); });
  Damage(Header() + train);
  Damage(Header() + Packed(train));
}

}  // namespace
}  // namespace lockstep
