set(here ${CMAKE_CURRENT_LIST_DIR}/exchange)
qc_test(unit_exchange LABEL unit DEPS exchange_read exchange_write compare store
        SOURCES ${here}/serving_test.cpp ${here}/peers_test.cpp ${here}/csv_test.cpp ${here}/names_test.cpp ${here}/assemble_test.cpp ${here}/told_test.cpp)
