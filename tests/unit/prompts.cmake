file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/prompts/*.cpp)
qc_test(unit_prompts LABEL unit SOURCES ${sources} DEPS load core)
