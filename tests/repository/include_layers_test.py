#!/usr/bin/env python3
"""Plants one violation of each rule of include_layers.py and expects it to be found, and no other."""

import pathlib
import tempfile
import unittest

import include_layers


class IncludeLayersTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        for layer in include_layers.LAYERS:
            self.plant(f"{layer}/x.h", "#pragma once")

    def plant(self, path, *lines):
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("\n".join(lines) + "\n")

    def expect(self, *expected):
        self.assertEqual(include_layers.violations(self.root), list(expected))

    def expect_refused(self, layer, others):
        self.plant(f"{layer}/bad.cc", "", *(f'#include "{other}/x.h"' for other in others))
        allowed = ", ".join(include_layers.LAYERS[layer] + [layer])
        self.expect(*(f'{layer}/bad.cc:{line}: includes "{other}/x.h": {layer} may include {allowed}'
                      for line, other in enumerate(others, 2)))  # fmt: skip
        (self.root / layer / "bad.cc").unlink()

    def test_a_clean_tree_passes(self):
        for layer, others in include_layers.LAYERS.items():
            self.plant(f"{layer}/good.cc", "#include <vector>", f'#include "{layer}/x.h"',
                       *(f'#include "{other}/x.h"' for other in others))
        self.plant("worker/comm/good.cc", "#include <mpi.h>")
        self.plant("base/hdf5_file.cc", "#include <hdf5.h>")
        self.plant("launch/frame/options.cc", "#include <boost/program_options.hpp>")
        self.plant("tests/worker/free.cc", "#include <mpi.h>", '#include "launch/x.h"')
        self.expect()

    def test_the_layers_have_no_cycle(self):
        above = set()
        for layer, others in include_layers.LAYERS.items():
            self.assertLessEqual(set(others), above, f"{layer} names a layer further down the table")
            above.add(layer)

    def test_every_include_that_is_not_allowed_is_refused(self):
        for layer, others in include_layers.LAYERS.items():
            refused = [other for other in include_layers.LAYERS if other != layer and other not in others]
            with self.subTest(layer=layer):
                self.expect_refused(layer, refused)

    def test_the_example_of_the_document(self):
        self.plant("data/batch/y.cc", "// y", "", '#include "worker/x.h"')
        self.expect('data/batch/y.cc:3: includes "worker/x.h": data/batch may include base, data/batch')

    def test_relative_includes(self):
        self.plant("data/dna/y.cc", '#include "../base/x.h"')
        self.expect('data/dna/y.cc:1: includes "../base/x.h": write it from the repository root, '
                    "without ./ and ../")

    def test_includes_from_the_own_folder(self):
        self.plant("data/dna/y.cc", '  #  include "x.h"')
        self.expect('data/dna/y.cc:1: includes "x.h": write it from the repository root')

    def test_folders_that_are_no_layer(self):
        self.plant("bench/x.h", "#pragma once")
        self.plant("data/dna/y.cc", '#include "bench/x.h"')
        self.expect('data/dna/y.cc:1: includes "bench/x.h": it is in none of the folders that data/dna may '
                    "include")

    def test_headers_that_are_not_there(self):
        self.plant("data/dna/y.cc", '#include "base/gone.h"')
        self.expect('data/dna/y.cc:1: includes "base/gone.h": there is no such file')

    def test_own_headers_in_angle_brackets(self):
        self.plant("data/dna/y.cc", "#include <base/x.h>")
        self.expect('data/dna/y.cc:1: includes <base/x.h>: our own headers stand in "quotes"')

    def test_mpi_outside_comm(self):
        self.plant("worker/y.cc", "#include <mpi.h>")
        self.expect("worker/y.cc:1: includes <mpi.h>: only worker/comm/ may")

    def test_hdf5_outside_its_file(self):
        self.plant("base/other.cc", "#include <hdf5.h>")
        self.plant("data/dna/y.cc", "#include <H5Fpublic.h>")
        self.expect("base/other.cc:1: includes <hdf5.h>: only base/hdf5_*.cc may",
                    "data/dna/y.cc:1: includes <H5Fpublic.h>: only base/hdf5_*.cc may")

    def test_program_options_outside_launch(self):
        self.plant("trainer/y.cc", "#include <boost/program_options/variables_map.hpp>")
        self.expect("trainer/y.cc:1: includes <boost/program_options/variables_map.hpp>: "
                    "only launch/frame/options.cc may")

    def test_an_own_header_that_is_not_first(self):
        self.plant("data/dna/x.cc", "#include <vector>", '#include "data/dna/x.h"')
        self.expect('data/dna/x.cc:1: includes "data/dna/x.h" not first, which proves that it compiles alone')
        self.plant("data/dna/x.cc", '#include "data/dna/x.h"', "#include <vector>")
        self.expect()

    def test_a_header_that_is_included_twice(self):
        self.plant("data/dna/y.h", "struct Y {};")
        self.plant("worker/kernels/loops-inl.h", "// once for each instruction set")
        self.expect("data/dna/y.h:1: has no #pragma once")

    def test_a_new_folder_needs_a_layer(self):
        self.plant("worker/new/x.cc", "")
        self.plant("launch/tasks/new/x.cc", "")
        self.expect("launch/tasks/new/x.cc:1: is in the folder launch/tasks/new, which has no layer; add it to "
                    "LAYERS in tests/repository/include_layers.py",
                    "worker/new/x.cc:1: is in the folder worker/new, which has no layer; add it to "
                    "LAYERS in tests/repository/include_layers.py")

    def test_the_deepest_folder_rules(self):
        self.plant("worker/comm/y.cc", '#include "worker/x.h"')
        self.plant("data/speech/sound/y.cc", '#include "data/speech/x.h"')
        self.expect('data/speech/sound/y.cc:1: includes "data/speech/x.h": data/speech/sound may include '
                    "base, data/speech/sound",
                    'worker/comm/y.cc:1: includes "worker/x.h": worker/comm may include base, data/batch, '
                    "worker/comm")


if __name__ == "__main__":
    unittest.main()
