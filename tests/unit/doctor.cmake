set(here ${CMAKE_CURRENT_LIST_DIR}/doctor)
qc_test(unit_doctor LABEL unit SOURCES ${here}/against_truth_test.cpp ${here}/findings_test.cpp ${here}/cpu_ticks_test.cpp ${here}/tell_test.cpp DEPS core record doctor)
