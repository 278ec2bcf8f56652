file(GLOB catalog_tests CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/catalog/*.cpp)
qc_test(unit_catalog LABEL unit SOURCES ${catalog_tests} DEPS catalog study)
