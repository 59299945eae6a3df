# cmake -D VERSION=<the program's> -D FOLDER=<sources> -D HEADER=<file> -P wording.cmake: writes the
# fingerprint of all that is compiled there, when it is another than last time.
file(GLOB_RECURSE files RELATIVE ${FOLDER}
     ${FOLDER}/*.h ${FOLDER}/*.cc ${FOLDER}/*.toml ${FOLDER}/*.csv)
list(SORT files)
set(told ${VERSION})
foreach(file IN LISTS files)
    file(SHA256 ${FOLDER}/${file} hash)
    string(APPEND told " ${file} ${hash}")
endforeach()
string(SHA256 fingerprint "${told}")
string(SUBSTRING ${fingerprint} 0 8 fingerprint)
file(CONFIGURE OUTPUT ${HEADER} CONTENT "#define SHIKAKU_WORDING \"${fingerprint}\"\n")
