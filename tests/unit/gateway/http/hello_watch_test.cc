#include "gateway/http/hello_watch.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "gateway/support/bounds.h"

namespace shikaku::http {
namespace {

std::string record(char type, const std::string& content) {
    return std::string{type, 3, 1, static_cast<char>(content.size() >> 8U),
                       static_cast<char>(content.size())} +
           content;
}

std::string message(char type, std::size_t length, std::size_t there) {
    return std::string{type, static_cast<char>(length >> 16U), static_cast<char>(length >> 8U),
                       static_cast<char>(length)} +
           std::string(there, 'x');
}

std::string hello(std::size_t length) {
    return record(22, message(1, length, length));
}

const std::string kTooLong = message(1, bounds::kClientHelloBytes + 1, 0);
const std::string kChangeCipherSpec = record(20, "\x01");
const std::string kWarning = record(21, "\x01\x5a");
const std::string kEarlyData = record(23, std::string(500, '\x16'));
const std::string kFirst = hello(300);

std::string each_byte_a_record(const std::string& content) {
    std::string all;
    for (const char c : content)
        all += record(22, {c});
    return all;
}

// Whether all of it passes, in pieces of that many bytes.
bool passes(HelloWatch& watch, const std::string& bytes, std::size_t piece) {
    for (std::size_t at = 0; at < bytes.size(); at += piece) {
        if (!watch.take(std::string_view(bytes).substr(at, piece))) return false;
    }
    return true;
}

}  // namespace

TEST_CASE("the first hello is bounded, whatever comes before it and however it is cut") {
    const std::vector<std::string> bad = {
        record(22, kTooLong),
        each_byte_a_record(kTooLong),
        kWarning + record(22, kTooLong),
        kWarning + record(22, "") + kChangeCipherSpec + kEarlyData + record(22, kTooLong),
        record(22, message(1, 0xffffff, 0)),
    };
    for (const std::size_t piece : {1U, 3U, 16U, 20'000U}) {
        for (const std::string& bytes : bad) {
            HelloWatch watch;
            CHECK_FALSE(passes(watch, bytes, piece));
        }
        HelloWatch watch;
        CHECK(passes(watch, kWarning + hello(bounds::kClientHelloBytes), piece));
    }
}

TEST_CASE("the second hello is bounded, also one that comes before it is asked for") {
    const std::vector<std::string> between = {"", kChangeCipherSpec, kWarning + kEarlyData};
    const std::vector<std::string> second = {record(22, kTooLong), each_byte_a_record(kTooLong)};
    for (const std::size_t piece : {1U, 7U, 20'000U}) {
        for (const std::string& skipped : between) {
            for (const std::string& long_one : second) {
                HelloWatch asked;
                REQUIRE(passes(asked, kFirst, piece));
                asked.answered(HelloWatch::Answer::asks_again);
                CHECK_FALSE(passes(asked, skipped + long_one, piece));

                HelloWatch unasked;
                REQUIRE(passes(unasked, kFirst + skipped + long_one, piece));
                unasked.answered(HelloWatch::Answer::asks_again);
                CHECK_FALSE(unasked.take(std::string_view("x")));
            }
            HelloWatch good;
            REQUIRE(passes(good, kFirst, piece));
            good.answered(HelloWatch::Answer::asks_again);
            CHECK(passes(good, skipped + hello(bounds::kClientHelloBytes) + kEarlyData, piece));
        }
    }
    // Both in one record, the head of the second cut by its end.
    HelloWatch both;
    both.answered(HelloWatch::Answer::asks_again);
    CHECK_FALSE(passes(
        both,
        record(22, message(1, 300, 300) + kTooLong.substr(0, 2)) + record(22, kTooLong.substr(2)),
        5));
}

TEST_CASE(
    "what follows the server's own hello is no hello: it may be encrypted and look like one") {
    HelloWatch watch;
    REQUIRE(passes(watch, kFirst, 100));
    watch.answered(HelloWatch::Answer::final);
    CHECK(passes(watch, kChangeCipherSpec + record(22, kTooLong), 100));
    // Sent before the server's hello was, as by nobody; refused by OpenSSL, not here.
    HelloWatch early;
    CHECK(passes(early, kFirst + kChangeCipherSpec + record(22, kTooLong), 100));
    early.answered(HelloWatch::Answer::final);
    CHECK(passes(early, kTooLong, 100));
}

}  // namespace shikaku::http
