# What a changed scheme pack answers, without a gateway.
add_library(shikaku_pack_comparison STATIC pack_comparison.cc)
target_link_libraries(shikaku_pack_comparison PUBLIC shikaku_domain)

add_executable(shikaku-publish publish_main.cc publish_check.cc publish_commands.cc publish_print.cc
               publish_recipients.cc upload_file.cc)
target_link_libraries(shikaku-publish PRIVATE shikaku_client shikaku_identity shikaku_registry
                      shikaku_pack_comparison)
