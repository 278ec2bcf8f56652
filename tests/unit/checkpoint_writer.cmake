file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/checkpoint_writer/*.cpp)
qc_test(unit_checkpoint_writer LABEL unit SOURCES ${sources} DEPS checkpoint_writer checkpoint gguf core)
