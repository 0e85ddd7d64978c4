# The libraries that Lockstep is built from. All that are missing are told at once, by the name of their Debian package;
# docs/architecture.md says what each is for.
#
# need_package takes a library that comes with a package of CMake, or that CMake has a search for. need_library takes
# one that comes with a file for pkg-config, and looks for the library itself where that file is missing.
set(missing_libraries)
find_package(PkgConfig QUIET)

# need_package(DEBIAN_PACKAGE NAME ...): find_package(NAME ...). A macro, since that sets variables.
macro(need_package debian_package name)
  find_package(${name} QUIET ${ARGN})
  if(NOT ${name}_FOUND)
    list(APPEND missing_libraries "${debian_package}:${name}")
  endif()
endmacro()

# need_library(DEBIAN_PACKAGE TARGET PC HEADER LIBRARY...): an imported TARGET for the libraries that PC.pc names.
function(need_library debian_package target pc header)
  string(MAKE_C_IDENTIFIER "${pc}" prefix)
  if(PkgConfig_FOUND)
    pkg_check_modules(${prefix} QUIET IMPORTED_TARGET GLOBAL ${pc})
  endif()
  add_library(${target} INTERFACE IMPORTED GLOBAL)
  if(TARGET PkgConfig::${prefix})
    target_link_libraries(${target} INTERFACE PkgConfig::${prefix})
    return()
  endif()
  find_path(${prefix}_HEADERS ${header})
  target_include_directories(${target} INTERFACE $<$<BOOL:${${prefix}_HEADERS}>:${${prefix}_HEADERS}>)
  set(found ${${prefix}_HEADERS})
  foreach(library ${ARGN})
    find_library(${prefix}_${library}_FILE ${library})
    target_link_libraries(${target} INTERFACE ${${prefix}_${library}_FILE})
    if(NOT ${prefix}_${library}_FILE)
      set(found)
    endif()
  endforeach()
  if(NOT found)
    set(missing_libraries ${missing_libraries} "${debian_package}:${pc}" PARENT_SCOPE)
  endif()
endfunction()

# Ends the configuration if anything is missing.
function(require_all_libraries)
  if(NOT missing_libraries)
    return()
  endif()
  set(names)
  set(packages)
  foreach(entry ${missing_libraries})
    string(REGEX MATCH "^([^:]+):(.+)$" ignored "${entry}")
    string(APPEND names "  ${CMAKE_MATCH_2} (Debian package ${CMAKE_MATCH_1})\n")
    list(APPEND packages ${CMAKE_MATCH_1})
  endforeach()
  list(REMOVE_DUPLICATES packages)
  list(JOIN packages " " packages)
  message(FATAL_ERROR "Lockstep cannot be built here; these libraries were not found:\n${names}"
    "On Debian 12 type\n  apt-get install ${packages}\nor launch/setup. Elsewhere install them by the system's own "
    "means; if they lie in folders of their own, name these in CMAKE_PREFIX_PATH and PKG_CONFIG_PATH. "
    "`cmake --debug-find-pkg=NAME` shows where CMake looked for NAME. "
    "-DLOCKSTEP_SPEECH=OFF does without sndfile and kissfft.")
endfunction()

find_package(Threads REQUIRED)
need_package(libopenmpi-dev MPI COMPONENTS C)
need_package(libeigen3-dev Eigen3 NO_MODULE)
need_package(libhdf5-dev HDF5 COMPONENTS C)
need_package(libboost-program-options-dev Boost COMPONENTS program_options)
need_package(libhwy-dev hwy)
need_package(libfmt-dev fmt)
need_package(libspdlog-dev spdlog)
need_package(nlohmann-json3-dev nlohmann_json)
need_package(libtomlplusplus-dev tomlplusplus)
need_package(zlib1g-dev ZLIB)
need_library(libxxhash-dev lockstep::xxhash libxxhash xxhash.h xxhash)
need_library(libutf8proc-dev lockstep::utf8proc libutf8proc utf8proc.h utf8proc)
need_library(libsentencepiece-dev lockstep::sentencepiece sentencepiece sentencepiece_processor.h
  sentencepiece sentencepiece_train)
if(LOCKSTEP_SPEECH)
  need_library(libsndfile1-dev lockstep::sndfile sndfile sndfile.h sndfile)
  need_package(libkissfft-dev kissfft COMPONENTS SHARED float)
endif()
require_all_libraries()

# "HDF5 1.10.8, Eigen 3.4.0 ..." for `lockstep --version`: the libraries that the program is built with, without MPI,
# which tells its version itself, and without those that tell none to CMake, or as utf8proc of Debian 12 another one.
set(LOCKSTEP_LIBRARIES)
foreach(library HDF5:HDF5 Eigen3:Eigen Boost:Boost hwy:Highway fmt:fmt spdlog:spdlog nlohmann_json:nlohmann-json
    tomlplusplus:toml++ ZLIB:zlib libxxhash:xxHash sentencepiece:SentencePiece sndfile:libsndfile)
  string(REPLACE ":" ";" library ${library})
  list(GET library 0 variable)
  list(GET library 1 name)
  if(${variable}_VERSION)
    list(APPEND LOCKSTEP_LIBRARIES "${name} ${${variable}_VERSION}")
  endif()
endforeach()
list(JOIN LOCKSTEP_LIBRARIES ", " LOCKSTEP_LIBRARIES)

# Links the file that each link with the name of a library leads to. Debian keeps such links in folders of MPI's and
# HDF5's own, while the libraries themselves lie where the loader finds them: so the program needs no search path for
# these folders, which Debian does not allow either.
function(follow_links variable)
  set(files)
  foreach(file ${${variable}})
    if(IS_ABSOLUTE "${file}" AND EXISTS "${file}")
      file(REAL_PATH "${file}" file)
    endif()
    list(APPEND files "${file}")
  endforeach()
  set(${variable} ${files} PARENT_SCOPE)
endfunction()
follow_links(HDF5_LIBRARIES)
get_target_property(mpi_libraries MPI::MPI_C INTERFACE_LINK_LIBRARIES)
follow_links(mpi_libraries)
set_target_properties(MPI::MPI_C PROPERTIES INTERFACE_LINK_LIBRARIES "${mpi_libraries}")
