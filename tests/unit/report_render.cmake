qc_test(unit_report_render LABEL unit DEPS report core
        SOURCES ${CMAKE_CURRENT_LIST_DIR}/report_render/inline_test.cpp ${CMAKE_CURRENT_LIST_DIR}/report_render/markdown_test.cpp
                ${CMAKE_CURRENT_LIST_DIR}/report_render/html_test.cpp ${CMAKE_CURRENT_LIST_DIR}/report_render/charts_test.cpp
                ${CMAKE_CURRENT_LIST_DIR}/report_render/svg_test.cpp ${CMAKE_CURRENT_LIST_DIR}/../golden/report_render/sample_document.cpp)
