file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/stats/*.cpp)
qc_test(unit_stats LABEL unit SOURCES ${sources} DEPS stats)
