file(GLOB checkpoint_tests CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/checkpoint/*.cpp)
qc_test(unit_checkpoint LABEL unit SOURCES ${checkpoint_tests} DEPS checkpoint core)
