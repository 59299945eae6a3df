#include "gateway/crypto/sha256_stream.h"

#include <catch2/catch.hpp>
#include <string>

#include "gateway/crypto/hash.h"

using namespace shikaku;

TEST_CASE("a hash of pieces is the hash of the whole") {
    std::string text;
    for (int i = 0; i < 1000; ++i)
        text += std::to_string(i);
    for (const std::size_t piece : {1UZ, 63UZ, 64UZ, 65UZ, 100'000UZ}) {
        crypto::Sha256Stream stream;
        for (std::size_t i = 0; i < text.size(); i += piece)
            stream.feed(as_bytes(std::string_view(text).substr(i, piece)));
        CHECK(stream.finish() == crypto::sha256(as_bytes(text)));
    }
    CHECK(crypto::Sha256Stream().finish() == crypto::sha256(BytesView{}));
}
