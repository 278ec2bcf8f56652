file(GLOB fairness_tests CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/fairness/*.cpp)
qc_test(unit_fairness LABEL unit SOURCES ${fairness_tests} DEPS engines fairness)
