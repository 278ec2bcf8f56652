qc_test(unit_store LABEL unit SOURCES ${CMAKE_CURRENT_LIST_DIR}/store/store_test.cpp DEPS store PRIVATE SQLite::SQLite3)
