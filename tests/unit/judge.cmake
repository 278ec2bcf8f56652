qc_test(unit_judge LABEL unit SOURCES ${CMAKE_CURRENT_LIST_DIR}/judge/compare_test.cpp ${CMAKE_CURRENT_LIST_DIR}/judge/cost_test.cpp ${CMAKE_CURRENT_LIST_DIR}/judge/advise_test.cpp
        ${CMAKE_CURRENT_LIST_DIR}/judge/server_truth_test.cpp ${CMAKE_CURRENT_LIST_DIR}/judge/gpu_use_test.cpp ${CMAKE_CURRENT_LIST_DIR}/judge/pace_test.cpp DEPS advise)
