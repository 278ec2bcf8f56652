file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/quality/*.cpp)
qc_test(unit_quality LABEL unit SOURCES ${sources} DEPS quality core)
