include(${CMAKE_CURRENT_LIST_DIR}/../support/scripted_server.cmake)
qc_test(integration_watch LABEL integration TIMED SOURCES ${CMAKE_CURRENT_LIST_DIR}/watch/watch_test.cpp DEPS run scripted_server)
