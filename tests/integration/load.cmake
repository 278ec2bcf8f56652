include(${CMAKE_CURRENT_LIST_DIR}/../support/scripted_server.cmake)
qc_test(integration_load LABEL integration TIMED SOURCES ${CMAKE_CURRENT_LIST_DIR}/load/visit_test.cpp DEPS core record client load scripted_server)
