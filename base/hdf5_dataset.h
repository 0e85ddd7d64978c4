// Datasets that may be forged, read without trust: only hard links to plain arrays in the file
// itself, with as many elements as they claim. `where` stands for the dataset in messages, which
// are BadData. Only base/hdf5_*.cc may include this; Hdf5Guard must be held.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "base/hdf5_call.h"
#include "base/hdf5_file.h"

namespace lockstep {

// The product of a shape read from a file, or -1 when it does not fit.
Index CheckedCount(const std::vector<Index>& shape);

// The full names of all datasets of a file, sorted. Refuses a file with more than 32,768 objects,
// with groups deeper than 16, or with an object that is neither a group nor a dataset, before it
// visits more than that: HDF5 takes minutes to walk through what a few hundred kB can describe.
std::vector<std::string> DatasetNames(hid_t file, const std::string& where);

// A dataset of the file itself, without anything that could make reading it do more than read it.
Hdf5Id OpenPlain(hid_t file, const std::string& name, const std::string& where);

// Type and shape; as many elements are stored as the shape claims.
DatasetInfo InfoOf(hid_t dataset, const std::string& where);

// The one place where HDF5 fills memory. `type` is the type of an element in memory; the dataset
// must fill `memory` exactly.
void ReadInto(hid_t dataset, hid_t type, std::span<std::byte> memory, const std::string& where);

}  // namespace lockstep
