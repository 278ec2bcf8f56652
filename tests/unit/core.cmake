file(GLOB core_tests CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/core/*.cpp)
qc_test(unit_core LABEL unit SOURCES ${core_tests} DEPS core)
