file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/checkpoint/*.cpp)
qc_test(unit_checkpoint LABEL unit SOURCES ${sources} DEPS checkpoint gguf core)
