file(GLOB engines_tests CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/engines/*.cpp)
qc_test(unit_engines LABEL unit SOURCES ${engines_tests} DEPS engines)
