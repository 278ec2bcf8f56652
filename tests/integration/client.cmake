include(${CMAKE_CURRENT_LIST_DIR}/../support/scripted_server.cmake)
set(here ${CMAKE_CURRENT_LIST_DIR}/client)
qc_test(integration_client LABEL integration TIMED
        SOURCES ${here}/closed_loop_test.cpp ${here}/open_loop_test.cpp ${here}/failures_test.cpp ${here}/tls_test.cpp ${here}/http_test.cpp ${here}/line_test.cpp ${here}/stamp_test.cpp ${here}/reading_test.cpp ${here}/threads_test.cpp
        DEPS core record client scripted_server)
add_test(NAME integration_client_by_epoll COMMAND integration_client)
# One program twice: its second list of cases goes where scripts/count_tests.py looks for it.
set_tests_properties(integration_client_by_epoll PROPERTIES LABELS integration RUN_SERIAL TRUE
                     ENVIRONMENT "QC_TEST_READING=epoll;GTEST_OUTPUT=xml:${PROJECT_BINARY_DIR}/test-results/cases/integration_client_by_epoll.xml")
