qc_test(golden_report_render LABEL golden DEPS report
        SOURCES ${CMAKE_CURRENT_LIST_DIR}/report_render/render_test.cpp ${CMAKE_CURRENT_LIST_DIR}/report_render/sample_document.cpp)
