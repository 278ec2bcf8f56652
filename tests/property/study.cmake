file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/study/*.cpp)
qc_test(property_study LABEL property SOURCES ${sources} DEPS study core)
