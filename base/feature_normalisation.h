// Constants of the normalisation of features. The importer applies it, and augmentation in training
// must know what was applied; the two may not include each other.
#pragma once

namespace lockstep {

// If the variance of a feature is lower than this, for example in silence, the feature is divided
// by the root of this, and so stays near 0. Log energies of speech have variances of 1 to 30.
inline constexpr double kVarianceFloor = 1e-5;

// Frames that the statistics of the training split count for beside the frames of a recording, with
// `prepare speech --normalise smoothed` and `running`; 2 s at the usual shift of 10 ms.
inline constexpr double kPriorFrames = 200;

// Frames after which `running` has forgotten all but 1 / e of a frame; 30 s.
inline constexpr double kForgettingFrames = 3000;

}  // namespace lockstep
