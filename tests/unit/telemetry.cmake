qc_test(unit_telemetry LABEL unit SOURCES ${CMAKE_CURRENT_LIST_DIR}/telemetry/server_watch_test.cpp ${CMAKE_CURRENT_LIST_DIR}/telemetry/visible_test.cpp DEPS telemetry)
