# What every client program shares, and the desk's program.
add_library(shikaku_client STATIC client_options.cc desk_exit.cc desk_print.cc progress.cc)
target_link_libraries(shikaku_client PUBLIC shikaku_http shikaku_domain CLI11::CLI11)

add_executable(shikaku-desk desk_main.cc desk_check.cc desk_batch.cc desk_receipt.cc card_reader.cc)
target_link_libraries(shikaku-desk PRIVATE shikaku_client shikaku_identity shikaku_audit)
