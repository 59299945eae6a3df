#include "gateway/storage/ports/key_use.h"

namespace shikaku::storage {

Error wrong_key(const std::string& place, std::string_view name) {
    const std::string key(name);
    return {ErrorCode::bad_key,
            place + " は鍵束の鍵「" + key +
                "」とは別の鍵で書かれています。このファイルの鍵束に戻して"
                "ください。ファイルは消さないでください "
                "/ was written with another key \"" +
                key +
                "\" than the key ring's; use the key ring that belongs to this "
                "file (or the backup made with it), and do not delete the file"};
}

}  // namespace shikaku::storage
