qc_test(integration_host LABEL integration TIMED SOURCES ${CMAKE_CURRENT_LIST_DIR}/host/host_test.cpp ${CMAKE_CURRENT_LIST_DIR}/host/priority_test.cpp DEPS core)
add_dependencies(integration_host process_helper)
