# A library for tests (link qc_scripted_server) and a program for the shell. Included by every list that needs it, made once.
include_guard(GLOBAL)
set(support ${PROJECT_SOURCE_DIR}/tests/support)
add_library(qc_scripted_server STATIC ${support}/scripted_server.cpp ${support}/conversation.cpp ${support}/scripts.cpp ${support}/byte_stream.cpp)
target_include_directories(qc_scripted_server PUBLIC ${PROJECT_SOURCE_DIR}/tests)
target_link_libraries(qc_scripted_server PUBLIC qc_core PRIVATE fmt::fmt OpenSSL::SSL OpenSSL::Crypto Threads::Threads nlohmann_json::nlohmann_json)
add_executable(scripted_server ${support}/scripted_server_main.cpp)
target_link_libraries(scripted_server PRIVATE qc_scripted_server)
# vLLM with sleep mode on a card that is a folder (support/fake_card.h); its memory is what fake_nvml tells.
add_executable(sleepy_server ${support}/sleepy_server.cpp)
target_link_libraries(sleepy_server PRIVATE qc_scripted_server fmt::fmt)
