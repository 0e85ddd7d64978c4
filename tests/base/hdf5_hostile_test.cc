// Files that are damaged, or made to lead a reader astray. All must end in BadData: no crash, no
// other file touched, no memory taken for what is not there.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstring>

#include "base/hdf5_file.h"
#include "tests/support/expect_error.h"
#include "tests/support/run_python.h"
#include "tests/support/temp_folder.h"

namespace lockstep {
namespace {

class HostileHdf5 : public testing::Test {
 protected:
  // The image of a file with a vector "x" of eight doubles and a text "t".
  std::vector<std::byte> SmallImage() {
    Hdf5File file = Hdf5File::CreateInMemory();
    const std::vector<double> values = {0, 1, 2, 3, 4, 5, 6, 7};
    file.Write<double>("x", {8}, values);
    file.WriteText("t", "some text");
    return file.Image();
  }
  // Whether reading everything fails as it should; false when it works.
  bool IsRefused(std::span<const std::byte> image) {
    try {
      const Hdf5File file = Hdf5File::OpenImage(image, "damaged");
      for (const std::string& name : file.Datasets()) {
        if (name == "t") file.ReadText(name);
        if (name != "t") file.Read<double>(name);
      }
      return false;
    } catch (const InputError& error) {
      EXPECT_EQ(error.code(), ExitCode::kBadData) << error.what();
      return true;
    }
  }
  // Runs h5py code that makes `file` at path_, then expects that "x" is refused with this text.
  void ExpectForgeryIsRefused(const std::string& code, const std::string& text) {
    SKIP_WITHOUT_H5PY();
    const PythonResult result = RunPython(
        "import h5py, numpy, sys\nother = sys.argv[1] + '.other'\n"
        "with h5py.File(other, 'w') as file: file['x'] = numpy.zeros(8)\n"
        "with h5py.File(sys.argv[1], 'w') as file:\n    " +
            code,
        path_);
    ASSERT_EQ(result.exit_code, 0) << result.output;
    const Hdf5File file = Hdf5File::Open(path_);
    ExpectError(ExitCode::kBadData, text, [&] { file.Read<double>("x"); });
    ExpectError(ExitCode::kBadData, path_, [&] { file.ReadText("x"); });
  }

  TempFolder folder_;
  std::string path_ = folder_ / "forged.h5";
};

TEST_F(HostileHdf5, GarbageIsRefused) {
  Spill(path_, std::string(5000, 'g'));
  ExpectError(ExitCode::kBadData, path_, [&] { Hdf5File::Open(path_); });
  Spill(path_, "");
  ExpectError(ExitCode::kBadData, path_, [&] { Hdf5File::Open(path_); });
  ExpectError(ExitCode::kBadData, "empty", [&] { Hdf5File::OpenImage({}, "nothing"); });
}

TEST_F(HostileHdf5, EveryTruncationIsRefused) {
  const std::vector<std::byte> image = SmallImage();
  ASSERT_FALSE(IsRefused(image));
  for (std::size_t size = 0; size < image.size(); ++size) {
    // In a buffer of its own, so that a sanitizer sees a read behind the end.
    const std::vector<std::byte> cut(image.begin(),
                                     image.begin() + static_cast<std::ptrdiff_t>(size));
    ASSERT_TRUE(IsRefused(cut)) << "cut to " << size << " bytes";
  }
}

TEST_F(HostileHdf5, SoftLinksAreNotFollowed) {
  ExpectForgeryIsRefused("file['y'] = numpy.zeros(8); file['x'] = h5py.SoftLink('/y')",
                         "soft or external link");
}

TEST_F(HostileHdf5, ExternalLinksAreNotFollowed) {
  ExpectForgeryIsRefused("file['x'] = h5py.ExternalLink(other, '/x')", "soft or external link");
}

TEST_F(HostileHdf5, LinkedGroupsOnTheWayAreNotFollowed) {
  SKIP_WITHOUT_H5PY();
  const PythonResult result = RunPython(
      "import h5py, sys\n"
      "with h5py.File(sys.argv[1], 'w') as file:\n"
      "    file['a/x'] = 1.0; file['g'] = h5py.SoftLink('/a')\n",
      path_);
  ASSERT_EQ(result.exit_code, 0) << result.output;
  const Hdf5File file = Hdf5File::Open(path_);
  ExpectError(ExitCode::kBadData, "soft or external link", [&] { file.Read<double>("g/x"); });
}

TEST_F(HostileHdf5, FiltersAreRefused) {
  ExpectForgeryIsRefused(
      "file.create_dataset('x', data=numpy.zeros(8), chunks=(4,), compression='gzip')",
      "only contiguous datasets without filters");
}

TEST_F(HostileHdf5, ChunkedDatasetsAreRefused) {
  ExpectForgeryIsRefused("file.create_dataset('x', data=numpy.zeros(8), chunks=(4,))",
                         "only contiguous datasets without filters");
}

TEST_F(HostileHdf5, VirtualDatasetsAreRefused) {
  ExpectForgeryIsRefused(
      "layout = h5py.VirtualLayout(shape=(8,), dtype='f8')\n"
      "    layout[:] = h5py.VirtualSource(other, 'x', shape=(8,))\n"
      "    file.create_virtual_dataset('x', layout)",
      "only contiguous datasets without filters");
}

TEST_F(HostileHdf5, ValuesInAnotherFileAreRefused) {
  ExpectForgeryIsRefused(
      "file.create_dataset('x', shape=(8,), dtype='f8', external=[(other, 0, 64)])",
      "only contiguous datasets without filters");
}

TEST_F(HostileHdf5, UnusualElementTypesAreRefused) {
  ExpectForgeryIsRefused("file['x'] = numpy.zeros(8, dtype='>f8')", "element type");
  ExpectForgeryIsRefused("file['x'] = numpy.zeros(8, dtype='f2')", "element type");
  ExpectForgeryIsRefused("file['x'] = 'text of any length'", "element type");
}

TEST_F(HostileHdf5, ListingRefusesWhatNoFileOfOursHolds) {
  SKIP_WITHOUT_H5PY();
  const std::pair<const char*, const char*> cases[] = {
      {"[file.create_group('g%d' % i) for i in range(32769)]", "more than 32768 groups"},
      {"file.create_group('/'.join(['g'] * 17))", "more than 16 levels"},
      {"file['a/b'] = 1; file['a/c'] = file['a']", "more than 16 levels"},
      {"file['t'] = numpy.dtype('f8')", "\"t\" is neither a group nor a dataset"},
      {"file['s'] = h5py.SoftLink('/x')", "\"s\" is a soft or external link"},
      {"file['e'] = h5py.ExternalLink(other, 'x')", "\"e\" is a soft or external link"}};
  for (const auto& [code, text] : cases) {
    const PythonResult result =
        RunPython(std::string("import h5py, numpy, sys\nother = sys.argv[1] + '.other'\n"
                              "with h5py.File(sys.argv[1], 'w') as file:\n    ") +
                      code,
                  path_);
    ASSERT_EQ(result.exit_code, 0) << result.output;
    const Hdf5File file = Hdf5File::Open(path_);
    ExpectError(ExitCode::kBadData, text, [&] { file.Datasets(); });
  }
}

TEST_F(HostileHdf5, GroupsAreNoDatasets) {
  ExpectForgeryIsRefused("file.create_group('x')", path_);
}

TEST_F(HostileHdf5, NeverWrittenValuesAreRefused) {
  ExpectForgeryIsRefused("file.create_dataset('x', shape=(10**15,), dtype='f8')",
                         "claims 1000000000000000 elements, 0 are stored");
}

// Extent and stored size are both claims: changed together they agree with each other, and only the
// length of the file gives them away. 2^43 doubles would be 64 TiB.
TEST_F(HostileHdf5, ASizeBeyondTheFileIsRefusedBeforeMemoryIsTaken) {
  std::vector<std::byte> image = SmallImage();
  std::string bytes(reinterpret_cast<const char*>(image.data()), image.size());
  const std::string zeros(5, '\0');
  const std::size_t extent = bytes.find("\1\1\1" + zeros + "\x08");  // dataspace message, version 1
  ASSERT_NE(extent, bytes.npos);
  bytes[extent + 8 + 5] = bytes[extent + 16 + 5] = 8;     // extent and largest extent
  const std::size_t layout = bytes.find("\3\1", extent);  // layout message 3, contiguous
  ASSERT_EQ(bytes[layout + 10], 64);
  bytes[layout + 10 + 5] = 64;
  std::memcpy(image.data(), bytes.data(), bytes.size());
  const Hdf5File file = Hdf5File::OpenImage(image, "forged");
  ExpectError(ExitCode::kBadData, "forged: dataset \"x\": claims", [&] { file.Read<double>("x"); });
}

// HDF5 writes as many strings as the shape claims, and has no complaint about a layout with the
// bytes of one: 10000 bytes into the memory for 10.
TEST_F(HostileHdf5, ManyTextsInTheRoomOfOneAreRefused) {
  SKIP_WITHOUT_H5PY();
  const PythonResult result = RunPython(
      "import h5py, numpy, sys\n"
      "with h5py.File(sys.argv[1], 'w') as file: file['t'] = numpy.array([b'0123456789'])\n",
      path_);
  ASSERT_EQ(result.exit_code, 0) << result.output;
  EXPECT_EQ(Hdf5File::Open(path_).ReadText("t"), "0123456789");
  std::string bytes = Slurp(path_);
  const std::string zeros(5, '\0');
  const std::size_t extent = bytes.find("\1\1\1" + zeros + "\1");  // dataspace message, version 1
  ASSERT_NE(extent, bytes.npos);
  for (const std::size_t at : {extent + 8, extent + 16}) {  // extent and largest extent: 1000
    bytes[at] = '\xE8';
    bytes[at + 1] = 3;
  }
  Spill(path_, bytes);
  ExpectError(ExitCode::kBadData, "text \"t\": claims 1000 elements of 10 bytes",
              [&] { Hdf5File::Open(path_).ReadText("t"); });
}

TEST_F(HostileHdf5, SeveralTextsInOneDatasetAreRefused) {
  ExpectForgeryIsRefused("file['x'] = numpy.array([b'0123456789'] * 1000)", "element type");
}

TEST_F(HostileHdf5, AnArrayThatDoesNotFillTheMemoryGivenIsRefused) {
  const std::vector<std::byte> image = SmallImage();
  const Hdf5File file = Hdf5File::OpenImage(image, "image");
  for (const std::size_t bytes : {std::size_t{0}, std::size_t{56}, std::size_t{72}}) {
    std::vector<std::byte> memory(bytes);
    ExpectError(ExitCode::kBadData, fmt::format("there must be {} bytes in all", bytes),
                [&] { file.ReadRaw("x", ElementType::kFloat64, memory); });
  }
}

}  // namespace
}  // namespace lockstep
