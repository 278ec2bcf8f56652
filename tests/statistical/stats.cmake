file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/stats/*.cpp)
qc_test(statistical_stats LABEL statistical SOURCES ${sources} DEPS stats core)
