qc_test(unit_report_compose LABEL unit DEPS report
        SOURCES ${CMAKE_CURRENT_LIST_DIR}/report_compose/compose_test.cpp ${CMAKE_CURRENT_LIST_DIR}/report_compose/figures_test.cpp
                ${CMAKE_CURRENT_LIST_DIR}/report_compose/files_test.cpp ${CMAKE_CURRENT_LIST_DIR}/report_compose/fairness_test.cpp ${CMAKE_CURRENT_LIST_DIR}/report_compose/turns_test.cpp ${CMAKE_CURRENT_LIST_DIR}/report_compose/pace_test.cpp ${CMAKE_CURRENT_LIST_DIR}/report_compose/certainty_test.cpp
                ${CMAKE_CURRENT_LIST_DIR}/../golden/report_compose/cases.cpp)
