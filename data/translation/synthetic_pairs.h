// Pairs of sentences in two invented languages, for tests and first tries: without data, of any
// number, and with a translation that is known. A model can learn them without an error.
//
// A sentence of the source has a subject, a verb, an object, and sometimes an adverb; subject and
// object are a noun that may stand behind a number and an adjective:
//   [number] [adjective] noun   verb   [number] [adjective] noun   [adverb]
// The target has every word of it in another order, and endings that depend on other words:
//   [adverb]   noun [adjective] [number]   noun-with-the-ending-of-objects [adjective] [number]
//   verb-with-the-ending-of-its-subject
// Nouns have the ending "i" after a number, objects "m" in addition; the verb has "nt" if its
// subject has a number and "t" if it has none. So texts of a pair differ in order, but not in
// length, and 13 million sentences are possible.
#pragma once

#include <cstdint>

#include "data/splits/split_draw.h"
#include "data/translation/pair_reader.h"

namespace lockstep {

inline constexpr Index kFewestSynthetic = 10;

// Pair number `n`, counted from 0, of those that `seed` draws. A pure function; its line is n + 1.
TextPair MakeSyntheticPair(std::uint64_t seed, Index n);

// The split of pair `n` of `pairs`: the last tenth is for test, the one before for validation.
DataSplit SyntheticSplit(Index n, Index pairs);

}  // namespace lockstep
