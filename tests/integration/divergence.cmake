qc_test(integration_divergence LABEL integration SOURCES ${CMAKE_CURRENT_LIST_DIR}/divergence/divergence_test.cpp DEPS quality gguf core)
