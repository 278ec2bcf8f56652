# A stand-in for NVIDIA's library, found through the test's run path: what it says is known.
add_library(fake_nvml SHARED ${CMAKE_CURRENT_LIST_DIR}/telemetry/fake_nvml.cpp)
target_include_directories(fake_nvml PRIVATE ${PROJECT_SOURCE_DIR}/tests)
set_target_properties(fake_nvml PROPERTIES OUTPUT_NAME nvidia-ml SOVERSION 1 LIBRARY_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/fake_nvml)
qc_test(integration_telemetry LABEL integration TIMED SOURCES ${CMAKE_CURRENT_LIST_DIR}/telemetry/telemetry_test.cpp DEPS telemetry)
set_target_properties(integration_telemetry PROPERTIES BUILD_RPATH ${PROJECT_BINARY_DIR}/fake_nvml)
# AddressSanitizer's dlopen does not look into the caller's run path.
set_tests_properties(integration_telemetry PROPERTIES ENVIRONMENT LD_LIBRARY_PATH=${PROJECT_BINARY_DIR}/fake_nvml)
add_dependencies(integration_telemetry fake_nvml process_helper)
qc_test(integration_telemetry_second_gpu LABEL integration SOURCES ${CMAKE_CURRENT_LIST_DIR}/telemetry/second_gpu_test.cpp DEPS telemetry)
set_target_properties(integration_telemetry_second_gpu PROPERTIES BUILD_RPATH ${PROJECT_BINARY_DIR}/fake_nvml)
set_tests_properties(integration_telemetry_second_gpu PROPERTIES ENVIRONMENT "LD_LIBRARY_PATH=${PROJECT_BINARY_DIR}/fake_nvml;CUDA_VISIBLE_DEVICES=1")
add_dependencies(integration_telemetry_second_gpu fake_nvml)
# The same program without it: no GPU is no failure.
qc_test(integration_telemetry_no_gpu LABEL integration SOURCES ${CMAKE_CURRENT_LIST_DIR}/telemetry/no_gpu_test.cpp DEPS telemetry)
