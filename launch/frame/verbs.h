// The verbs of `lockstep`. Each gets the words behind it and returns the exit code; errors are
// thrown and turned into a message and a code in main.cc.
#pragma once

#include <iosfwd>
#include <string>
#include <vector>

#include "base/error.h"

namespace lockstep {

using Arguments = std::vector<std::string>;

ExitCode PrepareVerb(const Arguments& arguments);   // corpus files -> shards
ExitCode TrainVerb(const Arguments& arguments);     // Collective under a launcher.
ExitCode CheckVerb(const Arguments& arguments);     // what training would take
ExitCode JobVerb(const Arguments& arguments);       // the SLURM script of a run
ExitCode DoctorVerb(const Arguments& arguments);    // Collective under a launcher.
ExitCode EvaluateVerb(const Arguments& arguments);  // Collective under a launcher.
ExitCode PredictVerb(const Arguments& arguments);   // Collective under a launcher.
ExitCode GenerateVerb(const Arguments& arguments);  // Collective under a launcher.
ExitCode ExportVerb(const Arguments& arguments);    // a trained model -> other programs
ExitCode ImportVerb(const Arguments& arguments);    // a model of PyTorch -> a run
ExitCode ReportVerb(const Arguments& arguments);    // curves of a run
// Curves of a run as text. `screen` is standard output, where it can move the cursor.
ExitCode WatchVerb(const Arguments& arguments, std::ostream& screen);
ExitCode InspectVerb(const Arguments& arguments);
ExitCode VerifyVerb(const Arguments& arguments);

}  // namespace lockstep
