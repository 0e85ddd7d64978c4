#include "worker/comm/mpi_facts.h"

#include <mpi.h>

#include <array>
#include <optional>
#include <vector>

namespace lockstep {
namespace {

constexpr std::array<const char*, 5> kSettings = {
    "pml", "btl", "btl_tcp_links", "btl_vader_single_copy_mechanism", "mpi_yield_when_idle"};

std::string LevelName(int level) {
  switch (level) {
    case MPI_THREAD_MULTIPLE:
      return "multiple";
    case MPI_THREAD_SERIALIZED:
      return "serialized";
    case MPI_THREAD_FUNNELED:
      return "funneled";
    default:
      return "single";
  }
}

// The value of a control variable of MPI, which is a text or a whole number. Enumerations are given
// as their number.
std::optional<std::string> ReadVariable(int index, MPI_Datatype type) {
  MPI_T_cvar_handle handle;
  int count = 0;
  if (MPI_T_cvar_handle_alloc(index, nullptr, &handle, &count) != MPI_SUCCESS) return std::nullopt;
  std::optional<std::string> value;
  if (type == MPI_CHAR) {
    std::vector<char> text(static_cast<std::size_t>(count) + 1, '\0');
    if (MPI_T_cvar_read(handle, text.data()) == MPI_SUCCESS) value = text.data();
  } else if ((type == MPI_INT || type == MPI_UNSIGNED) && count == 1) {
    int number = 0;
    if (MPI_T_cvar_read(handle, &number) == MPI_SUCCESS) value = std::to_string(number);
  }
  MPI_T_cvar_handle_free(&handle);
  return value;
}

std::optional<std::string> FindVariable(const char* name) {
  int index = 0;
  if (MPI_T_cvar_get_index(name, &index) != MPI_SUCCESS) return std::nullopt;
  std::array<char, 256> own_name{};
  int length = static_cast<int>(own_name.size()), no_text = 0;
  int verbosity = 0, bind = 0, scope = 0;
  MPI_Datatype type = MPI_DATATYPE_NULL;
  MPI_T_enum values = MPI_T_ENUM_NULL;
  if (MPI_T_cvar_get_info(index, own_name.data(), &length, &verbosity, &type, &values, nullptr,
                          &no_text, &bind, &scope) != MPI_SUCCESS) {
    return std::nullopt;
  }
  return ReadVariable(index, type);
}

std::map<std::string, std::string> ReadSettings() {
  std::map<std::string, std::string> settings;
  int provided = 0;
  if (MPI_T_init_thread(MPI_THREAD_SINGLE, &provided) != MPI_SUCCESS) return settings;
  for (const char* name : kSettings) {
    if (const auto value = FindVariable(name); value && !value->empty()) settings[name] = *value;
  }
  MPI_T_finalize();
  return settings;
}

}  // namespace

MpiFacts FindMpiFacts() {
  MpiFacts facts;
  std::array<char, MPI_MAX_LIBRARY_VERSION_STRING> text{};
  int length = 0;
  MPI_Get_library_version(text.data(), &length);  // the one call that needs no MPI_Init
  const std::string whole(text.data(), static_cast<std::size_t>(length));
  facts.library = whole.substr(0, whole.find_first_of(",\n"));
  int started = 0;
  MPI_Initialized(&started);
  if (started == 0) return facts;
  facts.running = true;
  int level = MPI_THREAD_SINGLE;
  MPI_Query_thread(&level);
  facts.thread_level = LevelName(level);
  facts.settings = ReadSettings();
  return facts;
}

}  // namespace lockstep
