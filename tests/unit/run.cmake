file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/run/*.cpp)
qc_test(unit_run LABEL unit SOURCES ${sources} DEPS run core)
