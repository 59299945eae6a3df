// CSV cut anywhere: the same records, and a well-formed one survives being written again.
#include "gateway/registry/csv_reader.h"

#include "tests/fuzz/target.h"

namespace {

using namespace shikaku;

struct Record {
    std::uint64_t line = 0;
    bool well_formed = false;
    std::vector<std::string> fields{};
    bool operator==(const Record&) const = default;
};

std::vector<Record> read(std::string_view text, std::size_t piece_bytes, bool& good) {
    std::vector<Record> records;
    registry::CsvReader reader([&](const registry::CsvRecord& record) -> Status {
        records.push_back({record.line, record.well_formed, {}});
        if (record.well_formed)
            records.back().fields.assign(record.fields.begin(), record.fields.end());
        return {};
    });
    Status status;
    fuzz::in_pieces(text, piece_bytes, [&](std::string_view piece) {
        status = reader.feed(piece);
        return status.has_value();
    });
    if (status) status = reader.finish();
    good = status.has_value();
    return records;
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::Input input(data, size);
    const std::size_t piece_bytes = 1 + input.choice() % 64;
    const std::string_view text = input.text();
    bool good = false;
    bool good_in_pieces = false;
    const auto records = read(text, text.size() + 1, good);
    fuzz::require(records == read(text, piece_bytes, good_in_pieces) && good == good_in_pieces);

    for (const Record& record : records) {
        // A line of one empty field would be a blank line.
        if (!record.well_formed || record.fields == std::vector<std::string>{""}) continue;
        std::string line;
        for (const std::string& field : record.fields) {
            if (&field != &record.fields.front()) line += ',';
            registry::append_csv_field(line, field);
        }
        const auto again = read(line, line.size() + 1, good);
        fuzz::require(good && again.size() == 1 && again.front().fields == record.fields);
    }
    return 0;
}
