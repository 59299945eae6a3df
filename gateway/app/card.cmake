add_executable(shikaku-card card_main.cc)
target_link_libraries(shikaku-card PRIVATE shikaku_identity shikaku_adapter_common CLI11::CLI11)
