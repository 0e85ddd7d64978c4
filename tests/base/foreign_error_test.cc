#include "base/foreign_error.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>

namespace lockstep {
namespace {

template <typename Work>
Error ErrorOf(const Work& work) {
  try {
    work();
  } catch (const std::exception& error) {
    return ForeignError(error);
  }
  return {ExitCode::kDone, "nothing was thrown"};
}

TEST(ForeignError, PathsThatCannotExistAreMissingInputs) {
  const std::string long_name(300, 'n');
  const Error error = ErrorOf([&] { (void)std::filesystem::exists(long_name); });
  EXPECT_EQ(error.code(), ExitCode::kMissingInput);
  EXPECT_NE(std::string(error.what()).find(long_name + ": File name too long"), std::string::npos);
}

TEST(ForeignError, JsonOfTheWrongFormIsBadData) {
  EXPECT_EQ(ErrorOf([] { (void)nlohmann::json(3).at("key"); }).code(), ExitCode::kBadData);
  EXPECT_EQ(ErrorOf([] { const auto unused = nlohmann::json::parse("[[["); }).code(),
            ExitCode::kBadData);
  EXPECT_EQ(ErrorOf([] { (void)nlohmann::json("\xFF").dump(); }).code(), ExitCode::kBadData);
}

TEST(ForeignError, TooLittleMemoryIsTheMachines) {
  EXPECT_EQ(ErrorOf([] { throw std::bad_alloc(); }).code(), ExitCode::kIo);
  EXPECT_EQ(ErrorOf([] { std::vector<int>().reserve(std::size_t{1} << 63); }).code(),
            ExitCode::kIo);
}

TEST(ForeignError, AnythingElseIsOurOwnBug) {
  EXPECT_EQ(ErrorOf([] { throw std::out_of_range("x"); }).code(), ExitCode::kInternal);
}

}  // namespace
}  // namespace lockstep
