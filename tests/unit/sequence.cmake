file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/sequence/*.cpp)
qc_test(unit_sequence LABEL unit SOURCES ${sources} DEPS sequence)
