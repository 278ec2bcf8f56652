set(here ${CMAKE_CURRENT_LIST_DIR}/metronome)
qc_test(unit_metronome LABEL unit SOURCES ${here}/answer_text_test.cpp ${here}/send_log_test.cpp ${here}/first_due_test.cpp DEPS core metronome)
