#include "gateway/registry/cp932.h"

#include <iconv.h>

#include <memory>
#include <utility>

namespace shikaku::registry {
namespace {

constexpr std::size_t kUserDefinedFirst = 8836;
constexpr std::size_t kUserDefinedLast = 10715;

std::pair<std::uint8_t, std::uint8_t> bytes_of(std::size_t pointer) {
    const std::size_t lead = pointer / 188;
    const std::size_t trail = pointer % 188;
    return {static_cast<std::uint8_t>(lead + (lead < 0x1F ? 0x81 : 0xC1)),
            static_cast<std::uint8_t>(trail + (trail < 0x3F ? 0x40 : 0x41))};
}

struct CloseConverter {
    void operator()(void* converter) const { iconv_close(converter); }
};
using Converter = std::unique_ptr<void, CloseConverter>;

Converter open_converter() {
    iconv_t raw = iconv_open("UTF-16BE", "CP932");
    return Converter(reinterpret_cast<std::intptr_t>(raw) == -1 ? nullptr : raw);
}

char16_t convert(void* converter, std::size_t pointer) {
    const auto [lead, trail] = bytes_of(pointer);
    std::array<char, 2> in{static_cast<char>(lead), static_cast<char>(trail)};
    std::array<unsigned char, 4> out{};
    char* from = in.data();
    char* to = reinterpret_cast<char*>(out.data());
    std::size_t from_left = in.size();
    std::size_t to_left = out.size();
    iconv(converter, nullptr, nullptr, nullptr, nullptr);
    const std::size_t converted = iconv(converter, &from, &from_left, &to, &to_left);
    if (converted == static_cast<std::size_t>(-1) || from_left != 0 || to_left != 2) return 0;
    return static_cast<char16_t>(out[0] << 8U | out[1]);
}

}  // namespace

Result<Cp932Table> Cp932Table::make() {
    const Converter converter = open_converter();
    if (!converter)
        return fail(ErrorCode::bad_configuration, "the C library has no CP932 converter");
    Cp932Table made;
    for (std::size_t pointer = 0; pointer < kCp932Pointers; ++pointer) {
        made.table_[pointer] = pointer >= kUserDefinedFirst && pointer <= kUserDefinedLast
                                   ? static_cast<char16_t>(0xE000 + (pointer - kUserDefinedFirst))
                                   : convert(converter.get(), pointer);
    }
    return made;
}

Result<const Cp932Table*> Cp932Table::get() {
    static const Result<Cp932Table> table = make();
    if (!table) return fail(table.error());
    return &*table;
}

char16_t Cp932Table::pair(std::uint8_t lead, std::uint8_t trail) const {
    if (!is_lead(lead) || trail < 0x40 || trail == 0x7F || trail > 0xFC) return 0;
    const std::size_t row = lead - (lead < 0xA0 ? 0x81U : 0xC1U);
    const std::size_t cell = trail - (trail < 0x7F ? 0x40U : 0x41U);
    return table_[row * 188 + cell];
}

}  // namespace shikaku::registry
