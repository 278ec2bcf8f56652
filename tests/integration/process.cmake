add_executable(process_helper ${CMAKE_CURRENT_LIST_DIR}/process/helper.cpp)
target_link_libraries(process_helper PRIVATE qc_core)
qc_test(integration_process LABEL integration TIMED
        SOURCES ${CMAKE_CURRENT_LIST_DIR}/process/process_test.cpp ${CMAKE_CURRENT_LIST_DIR}/process/capture_test.cpp DEPS core)
add_dependencies(integration_process process_helper)
