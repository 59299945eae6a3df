// The published Merkle proof vectors of transparency-dev, read where they lie.
#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <iostream>

#include "gateway/audit/merkle.h"
#include "gateway/support/file.h"
#include "gateway/support/json.h"
#include "tests/support/reference.h"

using namespace shikaku;
using namespace shikaku::audit;

namespace {

Json read_vector(const std::filesystem::path& file) {
    const auto text = read_file(file);
    REQUIRE(text);
    const auto json = parse_json(*text);
    REQUIRE(json);
    return *json;
}

// Some hashes in the vectors are short texts: equal ones stay equal, and no hash can match them.
Hash256 hash(const Json& base64) {
    const auto bytes = from_base64(base64.get<std::string>());
    REQUIRE(bytes);
    Hash256 out{};
    std::copy_n(bytes->begin(), std::min(bytes->size(), out.size()), out.begin());
    return out;
}

bool is_hash(const Json& base64) {
    return from_base64(base64.get<std::string>()).value().size() == sizeof(Hash256);
}

// nullopt: a part of the proof is not a hash at all, which a typed proof cannot even express.
std::optional<std::vector<Hash256>> proof(const Json& list) {
    std::vector<Hash256> hashes;
    if (list.is_null()) return hashes;
    for (const auto& item : list) {
        if (!is_hash(item)) return std::nullopt;
        hashes.push_back(hash(item));
    }
    return hashes;
}

template <class Check>
int each_vector(const std::filesystem::path& folder, const Check& accepts) {
    int count = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
        if (entry.path().extension() != ".json") continue;
        INFO(entry.path().string());
        const auto json = read_vector(entry.path());
        const auto parts = proof(json.at("proof"));
        const bool accepted = parts && accepts(json, *parts);
        CHECK(accepted == !json.at("wantErr").get<bool>());
        ++count;
    }
    return count;
}

}  // namespace

TEST_CASE("published inclusion and consistency vectors") {
    const auto vectors = shikaku::testing::reference("vectors/merkle/testdata");
    if (!vectors) return;
    const int inclusion =
        each_vector(*vectors / "inclusion", [](const Json& json, const auto& parts) {
            return is_hash(json.at("leafHash")) && is_hash(json.at("root")) &&
                   verify_inclusion(json.at("leafIdx").get<std::uint64_t>(),
                                    json.at("treeSize").get<std::uint64_t>(),
                                    hash(json.at("leafHash")), parts, hash(json.at("root")))
                       .has_value();
        });
    const int consistency =
        each_vector(*vectors / "consistency", [](const Json& json, const auto& parts) {
            return verify_consistency(json.at("size1").get<std::uint64_t>(), hash(json.at("root1")),
                                      json.at("size2").get<std::uint64_t>(), hash(json.at("root2")),
                                      parts)
                .has_value();
        });
    std::cout << "Merkle vectors: " << inclusion << " inclusion, " << consistency
              << " consistency\n";
    CHECK(inclusion > 50);
    CHECK(consistency > 50);
}
