file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/divergence/*.cpp)
qc_test(unit_divergence LABEL unit SOURCES ${sources} DEPS quality)
