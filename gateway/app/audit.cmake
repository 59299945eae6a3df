# The auditor's program.
add_executable(shikaku-audit audit_main.cc audit_proof.cc audit_replay.cc audit_report.cc
               audit_verify.cc)
target_link_libraries(shikaku-audit PRIVATE shikaku_client shikaku_api)
