// The bytes of a record inside a sealed registry row: compact, because a question opens one and a
// publication writes a million. On disk, and compared: the same record gives the same bytes.
//
//   version u8 = 1 | flags u8 | dates that are always there
//   [payer number] [yen] [date]   the others, each where its bit of the flags is set
//   texts | lists: count u8 and that many items
//   number u8 and value           for each later field that says something (of a flag: no value)
//
// Within each line fields stand in the order of their numbers. The flags have, lowest first, a bit
// for each value that may be absent, then the fields that are flags themselves. A date is i32be
// days since 1970, yen u32be, numbers of the field their digits, a text u16be length and UTF-8.
// The first fields of a table are laid out in this way; later ones, unknown to old rows, follow.
#pragma once

#include "gateway/domain/field.h"
#include "gateway/support/bytes.h"

namespace shikaku::domain {

template <class Value>
void put(Bytes& out, const Value& value) {
    if constexpr (std::is_same_v<Value, bool>)
        return;
    else if constexpr (std::is_same_v<Value, int>)
        put_u32be(out, static_cast<std::uint32_t>(value));
    else if constexpr (std::is_same_v<Value, Date>)
        put(out, static_cast<int>(value.days().time_since_epoch().count()));
    else if constexpr (std::is_same_v<Value, std::string>) {
        put_u16be(out, static_cast<std::uint16_t>(value.size()));
        out.insert(out.end(), value.begin(), value.end());
    } else {
        out.insert(out.end(), value.text().begin(), value.text().end());
    }
}
template <class Value>
void put(Bytes& out, const std::optional<Value>& value) {
    put(out, *value);
}
template <class Item>
void put(Bytes& out, const std::vector<Item>& list) {
    out.push_back(static_cast<std::uint8_t>(list.size()));
    for (const Item& item : list)
        put(out, item);
}

// Takes from the front. Once something was missing good() is false, and what comes is zero or
// empty.
class ByteCursor {
  public:
    explicit ByteCursor(BytesView bytes) : rest_(bytes) {}

    [[nodiscard]] bool good() const { return good_; }
    [[nodiscard]] bool at_end() const { return rest_.empty(); }

    std::string_view text(std::size_t size) {
        good_ = good_ && rest_.size() >= size;
        const BytesView taken = rest_.first(good_ ? size : 0);
        rest_ = rest_.subspan(taken.size());
        return as_text(taken);
    }
    std::uint32_t number(std::size_t size) {
        std::uint32_t number = 0;
        for (const char byte : text(size))
            number = number << 8U | static_cast<std::uint8_t>(byte);
        return number;
    }
    template <class Value>
    void take(std::optional<Value>& out) {
        if constexpr (std::is_same_v<Value, bool>) {
            out = true;
        } else if constexpr (std::is_same_v<Value, int>) {
            out = static_cast<int>(number(4));
        } else if constexpr (std::is_same_v<Value, Date>) {
            out = Date(std::chrono::sys_days(std::chrono::days(static_cast<int>(number(4)))));
        } else if constexpr (std::is_same_v<Value, std::string>) {
            out = text(number(2));
        } else {
            out = Value::parse(text(Value::kDigits));
            good_ = good_ && out.has_value();
        }
    }
    template <class Value>
    void take(Value& out) {
        std::optional<Value> value;
        take(value);
        out = std::move(*value);
    }
    template <class Item>
    void take(std::vector<Item>& out) {
        for (std::uint32_t count = number(1); count > 0 && good_; --count) {
            std::optional<Item> item;
            take(item);
            if (good_) out.push_back(std::move(*item));
        }
    }

  private:
    BytesView rest_;
    bool good_ = true;
};

// The lines of the layout above.
enum class BytePart : std::uint8_t { dates, values, flags, texts, lists };
template <class Record, class Value>
constexpr BytePart byte_part(Value Record::*) {
    if constexpr (std::is_same_v<Value, Date>)
        return BytePart::dates;
    else if constexpr (std::is_same_v<Value, bool>)
        return BytePart::flags;
    else if constexpr (std::is_same_v<Value, std::string>)
        return BytePart::texts;
    else if constexpr (requires(Value value) { value.has_value(); })
        return BytePart::values;
    else
        return BytePart::lists;
}

// use(member, whether it has a bit among the flags), in the order of the layout.
template <class Record, class Use>
void each_first(Fields<Record> first, Use use) {
    using enum BytePart;
    for (const BytePart part : {dates, values, flags, texts, lists})
        for (const Field<Record>& field : first)
            with_member(field, [&](auto member) {
                if (byte_part(member) == part) use(member, part == values || part == flags);
            });
}

inline constexpr std::uint8_t kByteFormVersion = 1;

template <class Record>
void encode(Fields<Record> fields, std::size_t first, const Record& record, Bytes& out) {
    out.push_back(kByteFormVersion);
    const std::size_t flags_at = out.size();
    out.push_back(0);
    unsigned bit = 1;
    each_first(fields.first(first), [&](auto member, bool has_bit) {
        const bool says = says_something(record.*member);
        if (has_bit && says) out[flags_at] |= static_cast<std::uint8_t>(bit);
        if (has_bit) bit <<= 1U;
        if (!has_bit || says) put(out, record.*member);
    });
    for (const Field<Record>& field : fields.subspan(first)) {
        if (!says_something(field, record)) continue;
        out.push_back(field.number);
        with_member(field, [&](auto member) { put(out, record.*member); });
    }
}

// false: encode() has not written this.
template <class Record>
[[nodiscard]] bool decode(Fields<Record> fields, std::size_t first, BytesView bytes, Record& out) {
    ByteCursor in(bytes);
    const std::uint32_t version = in.number(1);
    std::uint32_t flags = in.number(1);
    each_first(fields.first(first), [&](auto member, bool has_bit) {
        const bool says = (flags & 1U) != 0;
        if (has_bit) flags >>= 1U;
        if (!has_bit || says) in.take(out.*member);
    });
    if (version != kByteFormVersion || flags != 0) return false;
    for (std::size_t least = first; in.good() && !in.at_end(); ++least) {
        const std::size_t number = in.number(1);
        if (number < least || number >= fields.size()) return false;
        with_member(fields[number], [&](auto member) { in.take(out.*member); });
        if (!says_something(fields[number], out)) return false;
        least = number;
    }
    return in.good();
}

}  // namespace shikaku::domain
