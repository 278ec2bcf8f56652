set(here ${CMAKE_CURRENT_LIST_DIR}/load)
qc_test(unit_load LABEL unit SOURCES ${here}/steady_window_test.cpp ${here}/validity_test.cpp ${here}/arrivals_test.cpp ${here}/until_narrow_test.cpp DEPS core stats record client load)
