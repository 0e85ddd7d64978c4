// Expects that a call throws an Error with this exit code and with this text in its message:
//   ExpectError(ExitCode::kIo, "No space", [&] { Write(path); });
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "base/error.h"

namespace lockstep {

template <typename Call>
void ExpectError(ExitCode code, const std::string& text, Call call) {
  try {
    call();
    ADD_FAILURE() << "no error; expected one that says: " << text;
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), code) << error.what();
    EXPECT_THAT(error.what(), testing::HasSubstr(text));
  }
}

}  // namespace lockstep
