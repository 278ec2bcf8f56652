qc_test(property_prompts LABEL property SOURCES ${CMAKE_CURRENT_LIST_DIR}/prompts/pick_prompts_test.cpp DEPS load core)
