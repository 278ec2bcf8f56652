file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/gguf/*.cpp)
qc_test(unit_gguf LABEL unit SOURCES ${sources} DEPS gguf core)
