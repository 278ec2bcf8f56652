qc_test(unit_judge LABEL unit SOURCES ${CMAKE_CURRENT_LIST_DIR}/judge/compare_test.cpp ${CMAKE_CURRENT_LIST_DIR}/judge/cost_test.cpp ${CMAKE_CURRENT_LIST_DIR}/judge/advise_test.cpp DEPS advise)
