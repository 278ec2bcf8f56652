include(${CMAKE_CURRENT_LIST_DIR}/../support/scripted_server.cmake)
set(here ${CMAKE_CURRENT_LIST_DIR}/client)
qc_test(unit_client LABEL unit SOURCES ${here}/sse_test.cpp ${here}/stream_reader_test.cpp ${here}/request_test.cpp ${here}/reply_test.cpp ${here}/capture_test.cpp ${here}/stream_limit_test.cpp
        DEPS core record client)
