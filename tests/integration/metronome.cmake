qc_test(integration_metronome LABEL integration TIMED SOURCES ${CMAKE_CURRENT_LIST_DIR}/metronome/child_test.cpp DEPS core metronome)
