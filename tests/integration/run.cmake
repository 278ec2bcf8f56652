qc_test(integration_run LABEL integration SOURCES ${CMAKE_CURRENT_LIST_DIR}/run/study_test.cpp DEPS core PRIVATE SQLite::SQLite3)
add_dependencies(integration_run quantcase)
# Sleep and wake on a card that is a folder.
include(${PROJECT_SOURCE_DIR}/tests/support/scripted_server.cmake)
qc_test(integration_sleep LABEL integration SOURCES ${CMAKE_CURRENT_LIST_DIR}/run/sleep_test.cpp DEPS core PRIVATE SQLite::SQLite3)
add_dependencies(integration_sleep quantcase sleepy_server fake_nvml)
qc_test(integration_plan LABEL integration SOURCES ${CMAKE_CURRENT_LIST_DIR}/run/plan_test.cpp DEPS core)
add_dependencies(integration_plan quantcase)
