# cmake -D SOURCE=<repository> -D HEADER=<file> -P commit.cmake: writes which commit is built, when it
# is another than last time. An archive made by git tells it in commit.txt, a clone is asked.
file(READ ${SOURCE}/gateway/support/commit.txt archived)
if(archived MATCHES "^([0-9a-f]+)")
    string(SUBSTRING ${CMAKE_MATCH_1} 0 12 commit)
else()
    # --git-dir: a repository around an unpacked archive is not ours.
    execute_process(COMMAND git --git-dir=${SOURCE}/.git --work-tree=${SOURCE}
                            describe --always --abbrev=12 --exclude=* --dirty=-changed
                    OUTPUT_VARIABLE commit OUTPUT_STRIP_TRAILING_WHITESPACE
                    RESULT_VARIABLE failed ERROR_QUIET)
    if(failed OR NOT commit MATCHES "^[0-9a-f]+(-changed)?$")
        set(commit unknown)
    endif()
endif()
file(CONFIGURE OUTPUT ${HEADER} CONTENT "#define SHIKAKU_COMMIT \"${commit}\"\n")
