#include "base/hdf5_file.h"

#include <gtest/gtest.h>
#include <malloc.h>

#include <limits>
#include <thread>

#include "tests/support/expect_error.h"
#include "tests/support/temp_folder.h"

namespace lockstep {
namespace {

using testing::ElementsAre;

class Hdf5 : public testing::Test {
 protected:
  template <typename T>
  void ExpectRoundTrip(const std::vector<T>& values) {
    Hdf5File file = Hdf5File::Create(path_);
    file.Write<T>("group/values", {static_cast<Index>(values.size())}, values);
    file.Close();
    const Hdf5File read = Hdf5File::Open(path_);
    EXPECT_EQ(read.Info("group/values").type, ElementTypeOf<T>());
    EXPECT_EQ(read.Read<T>("group/values"), values);
  }
  // A matrix [4, 3] of 0 .. 11 named "matrix".
  void WriteMatrix() {
    Hdf5File file = Hdf5File::Create(path_);
    std::vector<std::int32_t> values(12);
    for (int i = 0; i < 12; ++i) values[static_cast<std::size_t>(i)] = i;
    file.Write<std::int32_t>("matrix", {4, 3}, values);
    file.Close();
  }

  TempFolder folder_;
  std::string path_ = folder_ / "file.h5";
};

TEST_F(Hdf5, RoundTripsEachElementType) {
  ExpectRoundTrip<std::uint8_t>({0, 255});
  ExpectRoundTrip<std::int32_t>({std::numeric_limits<std::int32_t>::min(), -1, 5});
  ExpectRoundTrip<std::int64_t>({std::numeric_limits<std::int64_t>::max()});
  ExpectRoundTrip<std::uint64_t>({std::numeric_limits<std::uint64_t>::max()});
  ExpectRoundTrip<float>({1.5f, std::numeric_limits<float>::infinity()});
  ExpectRoundTrip<double>({1e-300, std::numeric_limits<double>::denorm_min()});
}

TEST_F(Hdf5, ElementTypeNamesAreInverse) {
  for (const char* name : {"uint8", "int32", "int64", "uint64", "float32", "float64"}) {
    EXPECT_EQ(ElementName(ElementTypeFromName(name)), name);
  }
  ExpectError(ExitCode::kBadData, "\"float16\"", [] { ElementTypeFromName("float16"); });
}

TEST_F(Hdf5, ScalarsAndEmptyArraysKeepTheirShapes) {
  Hdf5File file = Hdf5File::CreateInMemory();
  const double value = 2.5;
  file.Write<double>("scalar", {}, std::span(&value, 1));
  file.Write<double>("empty", {0, 7}, {});
  const std::vector<std::byte> image = file.Image();
  const Hdf5File read = Hdf5File::OpenImage(image, "image");
  EXPECT_THAT(read.Read<double>("scalar"), ElementsAre(2.5));
  EXPECT_TRUE(read.Info("scalar").shape.empty());
  EXPECT_TRUE(read.Read<double>("empty").empty());
  EXPECT_THAT(read.Info("empty").shape, ElementsAre(0, 7));
}

TEST_F(Hdf5, TextsKeepTheirBytes) {
  Hdf5File file = Hdf5File::Create(path_);
  file.WriteText("text", "Grüße\n{\"a\": 1}");
  file.WriteText("nothing", "");
  file.Close();
  const Hdf5File read = Hdf5File::Open(path_);
  EXPECT_EQ(read.ReadText("text"), "Grüße\n{\"a\": 1}");
  EXPECT_EQ(read.ReadText("nothing"), "");
}

TEST_F(Hdf5, ListsDatasetsSortedByFullName) {
  Hdf5File file = Hdf5File::CreateInMemory();
  for (const char* name : {"z", "b/c/d", "a.0", "b/a"}) file.Write<float>(name, {0}, {});
  EXPECT_THAT(file.Datasets(), ElementsAre("a.0", "b/a", "b/c/d", "z"));
  EXPECT_TRUE(file.Has("b/c"));
  EXPECT_FALSE(file.Has("b/x"));
  EXPECT_FALSE(file.Has("x/y/z"));
}

TEST_F(Hdf5, AnotherElementTypeIsRefused) {
  WriteMatrix();
  const Hdf5File file = Hdf5File::Open(path_);
  ExpectError(ExitCode::kBadData, "\"matrix\" holds int32, expected float32",
              [&] { file.Read<float>("matrix"); });
  ExpectError(ExitCode::kBadData, "is no fixed-length string", [&] { file.ReadText("matrix"); });
}

TEST_F(Hdf5, MissingDatasetsAndFilesAreNamed) {
  WriteMatrix();
  const Hdf5File file = Hdf5File::Open(path_);
  ExpectError(ExitCode::kBadData, path_ + ": dataset \"targets\": no such dataset",
              [&] { file.Info("targets"); });
  ExpectError(ExitCode::kBadData, "no such dataset", [&] { file.Info("a/b/c"); });
  ExpectError(ExitCode::kMissingInput, "No such file", [&] { Hdf5File::Open(folder_ / "none"); });
}

TEST_F(Hdf5, AFileThatCannotBeMadeIsNamed) {
  ExpectError(ExitCode::kCannotCreate, folder_ / "missing/x.h5",
              [&] { Hdf5File::Create(folder_ / "missing/x.h5"); });
}

TEST_F(Hdf5, ANameIsWrittenOnce) {
  Hdf5File file = Hdf5File::CreateInMemory();
  file.Write<float>("x", {0}, {});
  ExpectError(ExitCode::kIo, "write dataset \"x\"", [&] { file.Write<float>("x", {0}, {}); });
}

TEST_F(Hdf5, SameArraysGiveTheSameBytes) {
  std::string bytes[2];
  for (int i : {0, 1}) {
    mallopt(M_PERTURB, i == 0 ? 0x55 : 0xAA);  // nothing unset may get into the file
    WriteMatrix();
    bytes[i] = Slurp(path_);
  }
  mallopt(M_PERTURB, 0);
  EXPECT_EQ(bytes[0], bytes[1]);
}

TEST_F(Hdf5, ImagesThatAreOpenTogetherDoNotMix) {
  Hdf5File first = Hdf5File::CreateInMemory();
  Hdf5File second = Hdf5File::CreateInMemory();
  const float one = 1, two = 2;
  first.Write<float>("x", {1}, std::span(&one, 1));
  second.Write<float>("x", {1}, std::span(&two, 1));
  const std::vector<std::byte> images[] = {first.Image(), second.Image()};
  const Hdf5File a = Hdf5File::OpenImage(images[0], "same name");
  const Hdf5File b = Hdf5File::OpenImage(images[1], "same name");
  EXPECT_THAT(a.Read<float>("x"), ElementsAre(1));
  EXPECT_THAT(b.Read<float>("x"), ElementsAre(2));
}

TEST_F(Hdf5, ManyThreadsMayRead) {
  WriteMatrix();
  std::vector<std::jthread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      for (int k = 0; k < 50; ++k) {
        const Hdf5File file = Hdf5File::Open(path_);
        EXPECT_EQ(file.Read<std::int32_t>("matrix").back(), 11);
      }
    });
  }
}

}  // namespace
}  // namespace lockstep
