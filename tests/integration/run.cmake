include(${CMAKE_CURRENT_LIST_DIR}/../support/scripted_server.cmake)
file(GLOB run_tests CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/run/*_test.cpp)
qc_test(integration_run LABEL integration SOURCES ${run_tests} DEPS core scripted_server PRIVATE SQLite::SQLite3)
add_dependencies(integration_run quantcase)
