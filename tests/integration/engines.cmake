add_executable(fake_server ${CMAKE_CURRENT_LIST_DIR}/engines/fake_server.cpp)
file(GLOB engines_integration CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/engines/*_test.cpp)
qc_test(integration_engines LABEL integration SOURCES ${engines_integration} DEPS engines)
add_dependencies(integration_engines fake_server)
