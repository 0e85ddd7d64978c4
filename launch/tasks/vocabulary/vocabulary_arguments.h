// Options of `lockstep prepare` that all importers of texts share: which tokens get an id.
#pragma once

#include "data/text/vocabulary.h"
#include "launch/frame/options.h"

namespace lockstep {

// What --min-count and --max-vocabulary say, else the values of `otherwise`. `owner` names what
// has tokens of its own, which these options do not choose ("--vocabulary FILE"); empty if the
// tokens of the training texts are counted. UsageError if they are given beside an owner, or have
// a value that is not allowed.
VocabularyOptions VocabularyOptionsOf(const Options& options, const std::string& owner,
                                      const VocabularyOptions& otherwise = {});

// The owner that --vocabulary names; empty if it is not given.
std::string GivenVocabulary(const Options& options);

}  // namespace lockstep
