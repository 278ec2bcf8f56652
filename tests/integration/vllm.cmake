# A real vLLM, where `make test-vllm` has set it up: minutes rather than seconds, so not under sanitizers.
qc_test(integration_vllm LABEL integration-heavy SOURCES ${CMAKE_CURRENT_LIST_DIR}/vllm/vllm_test.cpp DEPS core PRIVATE SQLite::SQLite3)
add_dependencies(integration_vllm quantcase)
