# What `cmake --install` installs besides the program, and the Debian package that `cpack -G DEB` makes of it in the
# build folder. The package depends on the packages of the libraries that the program links.
set(LOCKSTEP_MAINTAINER "The Lockstep authors <lockstep@example.org>" CACHE STRING
  "Who answers for the Debian package, as \"Name <address>\"")

# ---- programs and scripts
install(PROGRAMS launch/hosts launch/local launch/slurm/chain launch/slurm/train.sbatch launch/slurm/sweep.sbatch
  DESTINATION share/lockstep)
install(FILES launch/host_watch launch/shown launch/stoppable_mpirun DESTINATION share/lockstep)
install(DIRECTORY recipes DESTINATION share/lockstep USE_SOURCE_PERMISSIONS PATTERN __pycache__ EXCLUDE)

# ---- documents, in the folders that their links to each other name; copyright is what Debian reads
install(FILES README.md CHANGELOG.md CONTRIBUTING.md SECURITY.md CITATION.cff LICENSE launch/site/copyright
  DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(DIRECTORY docs DESTINATION ${CMAKE_INSTALL_DOCDIR} FILES_MATCHING PATTERN *.md)

# ---- manual pages, written by a script that asks the program for its help
find_package(Python3 QUIET COMPONENTS Interpreter)
if(CMAKE_CROSSCOMPILING)
  message(STATUS "No manual pages: the program is built for another machine, and cannot be asked for its help")
elseif(LOCKSTEP_SANITIZE)
  message(STATUS "No manual pages: the program is built with sanitizers")
elseif(NOT Python3_FOUND)
  message(STATUS "No manual pages: Python 3 is not installed (Debian package python3)")
else()
  set(manual ${PROJECT_BINARY_DIR}/manual)
  add_custom_command(OUTPUT ${manual}/lockstep.1
    COMMAND ${Python3_EXECUTABLE} -B ${PROJECT_SOURCE_DIR}/launch/site/make_manual.py
            $<TARGET_FILE:lockstep> ${PROJECT_SOURCE_DIR} ${manual} ${LOCKSTEP_MAINTAINER}
    DEPENDS lockstep launch/site/make_manual.py docs/exit_codes.md CHANGELOG.md
    COMMENT "Writing manual pages" VERBATIM)
  add_custom_target(manual ALL DEPENDS ${manual}/lockstep.1)
  install(DIRECTORY ${manual}/ DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 FILES_MATCHING PATTERN *.1.gz)
  install(FILES ${manual}/changelog.Debian.gz DESTINATION ${CMAKE_INSTALL_DOCDIR})
endif()

# ---- completion in bash, which asks the program for its options
install(FILES launch/site/lockstep.bash DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions
  RENAME lockstep)

# ---- the package
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_CONTACT "${LOCKSTEP_MAINTAINER}")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "${PROJECT_DESCRIPTION}")
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION
"Lockstep trains Elman, GRU and LSTM networks on sequences: DNA, speech, texts
and tables of numbers. The same configuration gives the same bits on any number
of ranks and threads, stopped and resumed or not. It runs on one machine, on
several hosts and under SLURM.")
set(CPACK_RESOURCE_FILE_LICENSE ${PROJECT_SOURCE_DIR}/LICENSE)
set(CPACK_RPM_PACKAGE_LICENSE ${LOCKSTEP_LICENSE})
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE 0.1)  # below 1, which would be the first package of Debian itself
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_DEPENDS "openmpi-bin, python3:any")  # Python for scripts of recipes
set(CPACK_DEBIAN_PACKAGE_SECTION science)
set(CPACK_STRIP_FILES ON)
include(CPack)
