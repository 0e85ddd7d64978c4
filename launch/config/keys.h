// The keys of each part of the program, in the order in which config.toml lists them.
#pragma once

#include "launch/config/config.h"

namespace lockstep {

// `run` must outlive the table.
void AddModelKeys(RunConfig* run, KeyTable* table);      // model.*
void AddTrainKeys(RunConfig* run, KeyTable* table);      // train.*
void AddDataKeys(RunConfig* run, KeyTable* table);       // batch.*, data.*, augment.*
void AddOptimizerKeys(RunConfig* run, KeyTable* table);  // optimizer.*, schedule.*, clip.*
void AddRunKeys(RunConfig* run, KeyTable* table);  // validation.*, checkpoint.*, log.*, numerics.*

// What is wrong with values that are each allowed: one sentence per rule that is broken.
std::vector<std::string> FindConfigProblems(const RunConfig& run);

}  // namespace lockstep
