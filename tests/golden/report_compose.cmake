qc_test(golden_report_compose LABEL golden DEPS report
        SOURCES ${CMAKE_CURRENT_LIST_DIR}/report_compose/compose_golden_test.cpp ${CMAKE_CURRENT_LIST_DIR}/report_compose/cases.cpp)
