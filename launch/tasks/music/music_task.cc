#include "launch/tasks/music/music_task.h"

#include "launch/tasks/music/generate_music.h"
#include "launch/tasks/music/music_parts.h"
#include "launch/tasks/music/prepare_music.h"

namespace lockstep {

Task MusicTask() {
  return {.kind = "music",
          .summary = "music: MIDI files and piano rolls (JSON, MAT)",
          .prepare = PrepareMusicVerb,
          .generate_usage =
              "  lockstep generate --run RUN --samples 4 --out FOLDER\n"
              "  lockstep generate --run RUN --prefix tune.mid --prefix-steps 32 "
              "--out FOLDER\n",
          .generate_rows = GenerateMusicRows,
          .generate = GenerateMusic,
          .report_parts = MakeMusicParts};
}

}  // namespace lockstep
