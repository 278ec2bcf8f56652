# Writes OUT with the program's version values; run at build time (src/core/CMakeLists.txt).
execute_process(COMMAND git -C ${ROOT} describe --always --dirty --abbrev=12 OUTPUT_VARIABLE id OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
if(NOT id)
  set(id "unknown")
endif()
file(CONFIGURE OUTPUT ${OUT} CONTENT "#define QC_VERSION \"${VERSION}\"\n#define QC_GIT_ID \"${id}\"\n#define QC_BUILD_TYPE \"${BUILD_TYPE}\"\n#define QC_COMPILER \"${COMPILER}\"\n#define QC_ENGINE_RELEASE \"${ENGINE_RELEASE}\"\n" @ONLY)
