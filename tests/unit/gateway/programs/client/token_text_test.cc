#include "gateway/programs/client/token_text.h"

#include <catch2/catch.hpp>

namespace {

using namespace shikaku;

const std::string kHeader = "eyJ0eXAiOiJjYXJkK2p3dCIsImFsZyI6IlJTMjU2In0";
const std::string kToken = kHeader + ".eyJpc3MiOiJodHRwczovL2EifQ.c2lnbmF0dXJl";

TEST_CASE("tokens are taken out of a text, the rest stays") {
    CHECK(programs::without_tokens("cannot open " + kToken + ": No such file") ==
          "cannot open (card token): No such file");
    CHECK(programs::without_tokens("/tmp/" + kToken + "\n" + kToken) ==
          "/tmp/(card token)\n(card token)");
    CHECK(programs::without_tokens("--token=" + kHeader) == "--token=(card token)");
    CHECK(programs::without_tokens(kHeader + ".") == "(card token)");
    for (const std::string plain :
         {"", "cannot open /etc/shikaku/desk.token: Permission denied", "127.0.0.1:8443: timed out",
          "a.b.c", "受給者証で受け付けてください。",
          "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"})
        CHECK(programs::without_tokens(plain) == plain);
}

TEST_CASE("a token given where a file belongs is known for one") {
    CHECK(programs::looks_like_token(kToken));
    for (const std::string file : {"", "-", "token", "/run/reader/token.jwt", "a.b.c"})
        CHECK_FALSE(programs::looks_like_token(file));
}

}  // namespace
