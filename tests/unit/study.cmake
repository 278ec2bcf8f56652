file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/study/*.cpp)
qc_test(unit_study LABEL unit SOURCES ${sources} DEPS study core)
