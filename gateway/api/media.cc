#include "gateway/api/media.h"

#include <algorithm>

#include "gateway/support/text.h"

namespace shikaku::api {

bool has_content_type(const http::Request& request, std::string_view wanted) {
    const std::string_view value = request.header("Content-Type");
    return iequals(trim(value.substr(0, value.find(';'))), wanted);
}

std::string_view content_type_parameter(const http::Request& request, std::string_view name) {
    for (const std::string_view part : split(request.header("Content-Type"), ';')) {
        const std::string_view parameter = trim(part);
        const std::size_t equals = parameter.find('=');
        if (equals == std::string_view::npos || !iequals(parameter.substr(0, equals), name))
            continue;
        std::string_view value = parameter.substr(equals + 1);
        if (value.size() >= 2 && value.front() == '"' && value.back() == '"')
            value = value.substr(1, value.size() - 2);
        return value;
    }
    return {};
}

bool is_encoded(const http::Request& request) {
    return std::ranges::any_of(request.headers, [](const http::Header& header) {
        return iequals(header.name, "Content-Encoding") &&
               !iequals(trim(header.value), "identity") && !trim(header.value).empty();
    });
}

bool wants_receipt(const http::Request& request) {
    for (const std::string_view preference : split(request.header("Prefer"), ',')) {
        if (iequals(trim(preference), "receipt")) return true;
    }
    return false;
}

}  // namespace shikaku::api
