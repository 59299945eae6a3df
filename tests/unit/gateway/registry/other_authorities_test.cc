// What one authority publishes, takes back or leaves behind by a crash changes nothing of
// another's: neither what is in force nor what is held.
#include "gateway/registry/entitlement_kind.h"
#include "gateway/registry/row_keys.h"
#include "gateway/storage/sqlite/registry_store.h"
#include "tests/unit/gateway/registry/registry_fixture.h"

namespace {

using namespace registry_test;

// Musashino, whose code is the higher one, has switched twice and holds a third publication back.
struct Neighbours : RegistryFixture {
    Neighbours() {
        REQUIRE(put_schemes(kMusashino).result.pack);
        full_of_musashino(people(100));
        auto rows = people(99);
        rows[0].segment = "B";
        full_of_musashino(rows);
        held = full_of_musashino(people(50));
        REQUIRE(held.state == PublicationState::held);
        full(people(3));
    }

    PublicationReport full_of_musashino(const std::vector<Row>& rows) {
        PublicationRequest wanted = request(Mode::full);
        wanted.authority = kMusashino;
        return publish(std::move(wanted), csv(rows));
    }
    [[nodiscard]] std::string musashino_says(std::uint64_t number) const {
        const auto found = registry->find(kMusashino, person(number));
        if (!found) return found.error().detail;
        std::string text;
        for (const domain::Entitlement& one : found->entitlements)
            text += one.segment + (one.revoked_at ? " revoked" : "");
        return text;
    }
    void check_musashino() const {
        CHECK(musashino_says(1) == "B");
        CHECK(musashino_says(50) == "A");
        CHECK(musashino_says(100) == "A revoked");
        for (const AuthorityState& state : registry->authorities()) {
            if (state.authority != kMusashino) continue;
            CHECK(state.generation == 2);
            CHECK(state.rows == 99);
        }
        const auto report = registry->report(kMusashino, held.id);
        REQUIRE(report);
        CHECK(report->state == PublicationState::held);
    }
    // As it is, and as it is read again.
    void check_untouched() {
        check_musashino();
        close();
        open();
        check_musashino();
    }

    PublicationReport held;
};

TEST_CASE_METHOD(Neighbours, "a switch leaves other authorities as they are") {
    delta({{.key = 1, .of = 1, .segment = "C"}, {.key = 2, .of = 2, .deleted = true}});
    CHECK(says(1) == "C");
    check_untouched();
    CHECK(says(2) == "A revoked");
}

TEST_CASE_METHOD(Neighbours, "a rollback leaves other authorities as they are") {
    const auto report = delta({{.key = 1, .of = 1, .segment = "C"}});
    REQUIRE(registry->rollback(kHachioji, report.id, "a mistake", "authority:132012"));
    CHECK(says(1) == "A");
    check_untouched();
    CHECK(says(1) == "A");
}

TEST_CASE_METHOD(Neighbours,
                 "what a crash left of a switch goes, and nothing of other authorities") {
    close();
    {
        const auto store = storage::RegistryStore::open(folder.path() / "registry.db");
        REQUIRE(store);
        const auto left =
            (*store)->begin_generation(number_of(subsidies_of(kHachioji)), 1, "unfinished", 3);
        REQUIRE(left);
        REQUIRE(left->number == 2);  // as that of Musashino's generation in force
    }
    open();
    check_untouched();
    CHECK(says(3) == "A");
}

TEST_CASE_METHOD(Neighbours, "who publishes leaves alone what another is just switching to") {
    const auto store = storage::RegistryStore::open(folder.path() / "registry.db");
    REQUIRE(store);
    const auto theirs =
        (*store)->begin_generation(number_of(subsidies_of(kMusashino)), 2, "going on", 3);
    REQUIRE(theirs);
    delta({{.key = 1, .of = 1, .segment = "C"}});
    const auto generations = (*store)->generations(number_of(subsidies_of(kMusashino)));
    REQUIRE(generations);
    CHECK(std::ranges::find(*generations, theirs->number, &storage::GenerationRow::number) !=
          generations->end());
}

}  // namespace
