qc_test(integration_run LABEL integration SOURCES ${CMAKE_CURRENT_LIST_DIR}/run/study_test.cpp DEPS core PRIVATE SQLite::SQLite3)
add_dependencies(integration_run quantcase)
