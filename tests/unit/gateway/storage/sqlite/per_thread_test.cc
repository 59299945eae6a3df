#include "gateway/storage/sqlite/per_thread.h"

#include <array>
#include <barrier>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <set>
#include <thread>

using namespace shikaku;
using namespace shikaku::storage;

namespace {

constexpr std::array<Migration, 1> kSchema = {
    Migration{1, "CREATE TABLE item(id INTEGER PRIMARY KEY); INSERT INTO item VALUES (1), (2)"}};

struct Counter {
    Statement count;
    static Result<Counter> prepare(Database& database) {
        auto statement = database.prepare("SELECT count(*) FROM item");
        if (!statement) return std::unexpected(statement.error());
        return Counter{std::move(*statement)};
    }
    std::int64_t run() {
        count.reset();
        return count.step().value() ? count.integer(0) : -1;
    }
};

class Store {
  public:
    Store() {
        std::string name = (std::filesystem::temp_directory_path() / "shikaku-XXXXXX").string();
        REQUIRE(::mkdtemp(name.data()));
        folder_ = name;
        REQUIRE(Database::open(options()));
    }
    ~Store() { std::filesystem::remove_all(folder_); }
    Store(const Store&) = delete;
    Store& operator=(const Store&) = delete;
    [[nodiscard]] DatabaseOptions options() const {
        return {.file = folder_ / "a.db", .application_id = 77, .migrations = kSchema};
    }

  private:
    std::filesystem::path folder_;
};

}  // namespace

TEST_CASE("one thread gets the same reader each time, two threads at once get two") {
    Store store;
    PerThread<Counter> readers(store.options());
    Counter* mine = readers.get().value();
    CHECK(readers.get().value() == mine);
    CHECK(mine->run() == 2);
    std::array<Counter*, 4> seen{};
    std::barrier all_hold(4);
    std::array<std::jthread, 4> threads;
    for (std::size_t i = 0; i < threads.size(); ++i)
        threads[i] = std::jthread([&, i] {
            Counter* reader = readers.get().value();
            all_hold.arrive_and_wait();
            seen[i] = reader->run() == 2 ? reader : nullptr;
        });
    for (auto& thread : threads)
        thread.join();
    const std::set<Counter*> different(seen.begin(), seen.end());
    CHECK(different.size() == 4);
    CHECK_FALSE(different.contains(mine));
    CHECK_FALSE(different.contains(nullptr));
}

TEST_CASE("the reader of an ended thread serves the next one") {
    Store store;
    PerThread<Counter> readers(store.options());
    std::set<Counter*> seen;
    for (int i = 0; i < 5; ++i)
        std::jthread([&] { seen.insert(readers.get().value()); }).join();
    CHECK(seen.size() == 1);
}

TEST_CASE("objects do not share readers, and a thread may outlive the object") {
    Store store;
    auto first = std::make_unique<PerThread<Counter>>(store.options());
    PerThread<Counter> second(store.options());
    CHECK(first->get().value() != second.get().value());
    std::barrier step(2);
    std::int64_t read_first = 0;
    std::int64_t read_second = 0;
    std::jthread thread([&] {
        read_first = first->get().value()->run();
        step.arrive_and_wait();
        step.arrive_and_wait();  // first is gone now
        read_second = second.get().value()->run();
    });
    step.arrive_and_wait();
    first.reset();
    step.arrive_and_wait();
    thread.join();
    CHECK(read_first == 2);
    CHECK(read_second == 2);
}

TEST_CASE("a reader that cannot be opened is an error each time, and cannot write") {
    Store store;
    auto missing = store.options();
    missing.file += ".none";
    PerThread<Counter> none(missing);
    CHECK_FALSE(none.get());
    CHECK_FALSE(none.get());
    CHECK_FALSE(std::filesystem::exists(missing.file));
}
