file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/compare/*.cpp)
qc_test(statistical_compare LABEL statistical SOURCES ${sources} DEPS compare core)
