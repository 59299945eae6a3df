// Strict reading of a scheme pack's JSON: what is asked for is taken, everything else is a problem
// with its JSON pointer. Places live on the stack and are spelled out only when there is a problem,
// so reading a good pack builds no pointer at all.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/domain/date.h"
#include "gateway/domain/scheme_pack.h"
#include "gateway/support/bounds.h"
#include "gateway/support/json.h"

namespace shikaku::domain {

// A value in the pack and the way to it. Holds a pointer to its parent, which outlives it.
class Place {
  public:
    explicit Place(const Json& root) : json_(root) {}
    Place(const Place& parent, std::string_view key, const Json& json)
        : parent_(&parent), key_(key), json_(json) {}
    Place(const Place& parent, std::size_t index, const Json& json)
        : parent_(&parent), index_(index), json_(json) {}

    [[nodiscard]] const Json& json() const { return json_; }
    [[nodiscard]] std::string pointer() const;

  private:
    const Place* parent_ = nullptr;
    std::string_view key_{};
    std::size_t index_ = 0;
    const Json& json_;
};

class Problems {
  public:
    void add(const Place& place, std::string ja, std::string en);
    void add_at(std::string pointer, std::string ja, std::string en);
    [[nodiscard]] bool none() const { return problems_.empty(); }
    [[nodiscard]] bool full() const;
    [[nodiscard]] std::vector<PackProblem> take() { return std::move(problems_); }

  private:
    std::vector<PackProblem> problems_;
};

// One JSON object whose members are all known. Each read leaves `out` alone when the member is
// absent or wrong; a wrong one is a problem.
class ObjectReader {
  public:
    ObjectReader(Problems& problems, const Place& place, std::span<const std::string_view> allowed);

    [[nodiscard]] bool is_object() const { return object_ != nullptr; }
    [[nodiscard]] const Json* find(std::string_view key) const;
    [[nodiscard]] const Place& place() const { return place_; }
    [[nodiscard]] Problems& problems() const { return problems_; }
    void require(std::initializer_list<std::string_view> keys) const;
    void problem(std::string_view key, std::string ja, std::string en) const;

    void read(std::string_view key, std::string& out) const;
    void read(std::string_view key, bool& out) const;
    void read(std::string_view key, std::optional<bool>& out) const;
    void read(std::string_view key, std::optional<int>& out, int min, int max) const;
    void read(std::string_view key, std::optional<Date>& out) const;
    void read(std::string_view key, Localized& out) const;
    void read(std::string_view key, std::vector<std::string>& out) const;
    void read(std::string_view key, std::vector<Localized>& out) const;

    // A text that `parse` turns into a value; `what_*` says what is expected.
    template <class Value>
    void read_as(std::string_view key, std::optional<Value>& out,
                 std::optional<Value> (*parse)(std::string_view), std::string_view what_ja,
                 std::string_view what_en) const {
        const Json* const found = find(key);
        if (found == nullptr) return;
        out = parse_text(Place(place_, key, *found), parse, what_ja, what_en);
    }
    template <class Value>
    void read_as(std::string_view key, std::vector<Value>& out,
                 std::optional<Value> (*parse)(std::string_view), std::string_view what_ja,
                 std::string_view what_en) const {
        for_each(key, [&](const Place& item) {
            if (auto value = parse_text(item, parse, what_ja, what_en))
                out.push_back(std::move(*value));
        });
    }

    // Calls `visit(Place)` for every item of an array.
    template <class Visit>
    void for_each(std::string_view key, Visit visit, std::size_t items_max) const {
        const Json* const found = find(key);
        if (found == nullptr || !is_array(key, *found, items_max)) return;
        const Place list(place_, key, *found);
        std::size_t index = 0;
        for (const Json& item : *found)
            visit(Place(list, index++, item));
    }
    template <class Visit>
    void for_each(std::string_view key, Visit visit) const {
        for_each(key, visit, bounds::kPackListItems);
    }

  private:
    template <class Value>
    std::optional<Value> parse_text(const Place& place,
                                    std::optional<Value> (*parse)(std::string_view),
                                    std::string_view what_ja, std::string_view what_en) const {
        const auto* const text = place.json().get_ptr<const std::string*>();
        std::optional<Value> value = text == nullptr ? std::nullopt : parse(*text);
        if (!value) expected(place, what_ja, what_en);
        return value;
    }
    bool is_array(std::string_view key, const Json& json, std::size_t items_max) const;
    void expected(const Place& place, std::string_view what_ja, std::string_view what_en) const;

    Problems& problems_;
    const Place& place_;
    const Json::object_t* object_;
};

}  // namespace shikaku::domain
