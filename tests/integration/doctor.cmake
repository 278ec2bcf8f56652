set(here ${CMAKE_CURRENT_LIST_DIR}/doctor)
qc_test(integration_doctor LABEL integration TIMED SOURCES ${here}/doctor_test.cpp ${here}/own_error_test.cpp ${here}/probes_test.cpp DEPS core doctor)
add_dependencies(integration_doctor quantcase fake_nvml)
# Timed against the clock: not beside other tests.
set_tests_properties(integration_doctor PROPERTIES RUN_SERIAL TRUE ENVIRONMENT LD_LIBRARY_PATH=${PROJECT_BINARY_DIR}/fake_nvml)
