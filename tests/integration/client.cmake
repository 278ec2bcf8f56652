include(${CMAKE_CURRENT_LIST_DIR}/../support/scripted_server.cmake)
set(here ${CMAKE_CURRENT_LIST_DIR}/client)
qc_test(integration_client LABEL integration
        SOURCES ${here}/closed_loop_test.cpp ${here}/open_loop_test.cpp ${here}/failures_test.cpp ${here}/tls_test.cpp ${here}/http_test.cpp ${here}/line_test.cpp ${here}/stamp_test.cpp
        DEPS core record client scripted_server)
