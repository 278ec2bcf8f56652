file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/gguf/*.cpp)
qc_test(integration_gguf LABEL integration SOURCES ${sources} DEPS gguf core PRIVATE ${CMAKE_DL_LIBS})
