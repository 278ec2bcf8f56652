qc_test(browser_report_render LABEL browser DEPS report
        SOURCES ${CMAKE_CURRENT_LIST_DIR}/report_render/browser_test.cpp ${CMAKE_CURRENT_LIST_DIR}/../golden/report_render/sample_document.cpp)
