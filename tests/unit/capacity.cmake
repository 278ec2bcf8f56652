file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/capacity/*.cpp)
qc_test(unit_capacity LABEL unit SOURCES ${sources} DEPS capacity compare core)
