// Whom limits and turns are counted for.
#include "gateway/identity/client.h"

#include <catch2/catch.hpp>

namespace shikaku::identity {
namespace {

TEST_CASE("a holder in another role, and another holder in the same one, is another client") {
    const Caller auditor{.role = Role::auditor, .institution = {}, .authority = {}, .name = "a"};
    Caller other = auditor;
    CHECK(client_of(other) == client_of(auditor));
    other.certificate.fill(1);
    CHECK(client_of(other) == client_of(auditor));
    other.name = "b";
    CHECK(client_of(other).key != client_of(auditor).key);
    other = auditor;
    other.role = Role::operator_;
    CHECK(client_of(other).key != client_of(auditor).key);
    CHECK(client_of(other).role == Role::operator_);
}

}  // namespace
}  // namespace shikaku::identity
