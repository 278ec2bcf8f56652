file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/sequence/*.cpp)
qc_test(statistical_sequence LABEL statistical-heavy SOURCES ${sources} DEPS sequence core)
