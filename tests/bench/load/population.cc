#include "tests/bench/load/population.h"

#include <CLI/CLI.hpp>
#include <chrono>
#include <fstream>
#include <stdexcept>

#include "tests/bench/load/encoding.h"

namespace shikaku::bench {
namespace {

// Six digits and their check digit (domain: weights 2,1,2,1 from the right, digit sums).
std::string recipient_number(std::uint64_t person) {
    constexpr unsigned kDigits = 6;
    std::string digits = std::to_string(person % 1'000'000);
    digits.insert(0, kDigits - digits.size(), '0');
    unsigned sum = 0;
    for (unsigned i = 0; i < kDigits; ++i) {
        const unsigned doubled =
            static_cast<unsigned>(digits[kDigits - 1 - i] - '0') * (i % 2 == 0 ? 2U : 1U);
        sum += doubled / 10 + doubled % 10;
    }
    return digits + static_cast<char>('0' + (10 - sum % 10) % 10);
}

}  // namespace

void add_population_options(CLI::App& command, PopulationPlan& plan) {
    command.add_option("--out", plan.file)->required();
    command.add_option("--people", plan.people);
    command.add_option("--scheme", plan.scheme_id);
    command.add_option("--certificate-type", plan.certificate_type_id);
    command.add_option("--payer-number", plan.payer_number);
    command.add_option("--income-segment", plan.income_segment);
    command.add_option("--designated-institution", plan.designated_institution);
    command.add_option("--age", plan.age);
}

void write_population(const PopulationPlan& plan) {
    const std::chrono::year_month_day today(
        std::chrono::floor<std::chrono::days>(std::chrono::system_clock::now()));
    const int year = static_cast<int>(today.year());
    const std::string common = "," + plan.scheme_id + "," + plan.payer_number + ",";
    const std::string rest = "," + std::to_string(year - 1) + "-04-01," + std::to_string(year + 1) +
                             "-03-31," + std::to_string(year - plan.age) + "-01-15," +
                             plan.income_segment + "," + plan.designated_institution + "\n";
    std::ofstream out(plan.file, std::ios::binary);
    out << "history_key,certificate_type_id,link_key,scheme_id,payer_number,recipient_number,"
           "valid_from,valid_to,birth_date,income_segment,designated_institutions\n";
    for (std::uint64_t person = 0; person < plan.people; ++person) {
        out << 'B' << person << ',' << plan.certificate_type_id << ',' << link_key(person) << common
            << recipient_number(person) << rest;
    }
    if (!out.flush()) {
        throw std::runtime_error("cannot write " + plan.file);
    }
}

}  // namespace shikaku::bench
