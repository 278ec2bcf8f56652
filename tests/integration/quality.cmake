include(${CMAKE_CURRENT_LIST_DIR}/../support/scripted_server.cmake)
qc_test(integration_quality LABEL integration SOURCES ${CMAKE_CURRENT_LIST_DIR}/quality/ask_spot_test.cpp DEPS quality core scripted_server)
# Every suite put to the real model takes the server, not us, most of half a minute: once, without sanitizers.
set(whole RealModel.AnswersSomeItemsOfEverySuiteAndNotAllOfThem)
set_tests_properties(integration_quality PROPERTIES ENVIRONMENT GTEST_FILTER=-${whole})
add_test(NAME integration_quality_suites COMMAND integration_quality --gtest_filter=${whole})
set_tests_properties(integration_quality_suites PROPERTIES LABELS integration-heavy
                     ENVIRONMENT "GTEST_OUTPUT=xml:${PROJECT_BINARY_DIR}/test-results/cases/integration_quality_suites.xml")
