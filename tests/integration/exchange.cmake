qc_test(integration_exchange LABEL integration-heavy SOURCES ${CMAKE_CURRENT_LIST_DIR}/exchange/exchange_test.cpp DEPS core PRIVATE SQLite::SQLite3)
add_dependencies(integration_exchange quantcase)
