add_executable(shikaku-publish publish_main.cc publish_commands.cc publish_print.cc
               publish_recipients.cc upload_file.cc)
target_link_libraries(shikaku-publish PRIVATE shikaku_client shikaku_identity shikaku_registry)
