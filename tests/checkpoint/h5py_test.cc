// A checkpoint is an ordinary HDF5 file: other programs read the same names, shapes and numbers.
#include <gtest/gtest.h>

#include "tests/checkpoint/sample_checkpoint.h"
#include "tests/support/run_python.h"
#include "tests/support/temp_folder.h"

namespace lockstep {
namespace {

TEST(Checkpoint, OpensInH5py) {
  SKIP_WITHOUT_H5PY();
  const TempFolder folder;
  SampleCheckpoint().Write(folder / "sample.h5");
  const PythonResult result = RunPython(R"(
import h5py, sys
names = []
with h5py.File(sys.argv[1], "r") as file:
    file.visititems(lambda name, item: names.append(name) if isinstance(item, h5py.Dataset) else None)
    assert file.userblock_size in (0, 512), file.userblock_size
    assert sorted(names) == ["cursor", "lockstep/state", "optimizer/empty",
                             "optimizer/first_moment", "rnn.weight_ih_l0"], names
    weight = file["rnn.weight_ih_l0"]
    assert weight.dtype == "float32" and weight[()].tolist() == [[1.5, -2, 0], [4.25, 5, 0]], weight[()]
    moment = file["optimizer/first_moment"]
    assert moment.dtype == "float64" and moment[()].tolist() == [1e-300, 3], moment[()]
    assert file["optimizer/empty"].shape == (0, 5)
    assert file["cursor"].shape == () and file["cursor"][()] == -7
    assert file["lockstep/state"][()].decode() == '{"step": 1200, "name": "Gr\u00fcnkohl"}'
)",
                                        folder / "sample.h5");
  EXPECT_EQ(result.exit_code, 0) << result.output;
}

TEST(Checkpoint, OpensInH5dump) {
  if (system("h5dump --version >/dev/null 2>&1") != 0) {
    GTEST_SKIP() << "h5dump is missing; install it with launch/setup --tests";
  }
  const TempFolder folder;
  SampleCheckpoint().Write(folder / "sample.h5");
  const std::string command =
      "h5dump -d /optimizer/first_moment " + folder / "sample.h5" + " | grep -q '(0): 1e-300, 3'";
  EXPECT_EQ(system(command.c_str()), 0) << command;
}

}  // namespace
}  // namespace lockstep
