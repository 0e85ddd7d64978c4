// Runs a Python script that computes expected results or forges files. It uses the system's python,
// because h5py is that of Debian.
#pragma once

#include <stdio.h>
#include <sys/wait.h>

#include <string>

#include "tests/support/temp_folder.h"

namespace lockstep {

struct PythonResult {
  int exit_code;
  std::string output;  // standard output and standard error
};

inline PythonResult RunPython(const std::string& script, const std::string& arguments = "") {
  const TempFolder folder;
  const std::string file = folder / "script.py";
  Spill(file, script);
  const std::string command = "/usr/bin/python3 " + file + " " + arguments + " 2>&1";
  FILE* pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) return {-1, "cannot run " + command};
  std::string output;
  for (int c; (c = fgetc(pipe)) != EOF;) output.push_back(static_cast<char>(c));
  const int status = pclose(pipe);
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, output};
}

inline bool HasH5py() { return RunPython("import h5py").exit_code == 0; }

}  // namespace lockstep

#define SKIP_WITHOUT_H5PY()                                        \
  if (!lockstep::HasH5py())                                        \
  GTEST_SKIP() << "h5py is missing; install it with launch/setup " \
                  "--tests"
