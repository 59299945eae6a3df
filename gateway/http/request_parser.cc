#include "gateway/http/request_parser.h"

#include <boost/beast/http/basic_parser.hpp>

#include "gateway/support/bounds.h"
#include "gateway/support/text.h"

namespace shikaku::http {
namespace {

namespace beast = boost::beast;
using beast::http::field;
using beast::http::verb;

Method to_method(verb v) {
    switch (v) {
        case verb::get:
            return Method::get;
        case verb::head:
            return Method::head;
        case verb::post:
            return Method::post;
        case verb::put:
            return Method::put;
        case verb::delete_:
            return Method::delete_;
        case verb::options:
            return Method::options;
        default:
            return Method::other;
    }
}

// Sees one whole head; the body never reaches it.
class BeastHead final : public beast::http::basic_parser<true> {
  public:
    explicit BeastHead(Request& into) : into_(into) { body_limit(boost::none); }

    HeadFacts facts;
    bool too_many_fields = false;

  private:
    using ErrorCodeRef = beast::error_code&;
    using Text = beast::string_view;

    void on_request_impl(verb v, Text method, Text target, int version, ErrorCodeRef) override {
        into_.method = to_method(v);
        facts.method = {method.data(), method.size()};
        facts.target = {target.data(), target.size()};
        facts.version = version;
    }

    void on_field_impl(field f, Text name, Text value, ErrorCodeRef error) override {
        if (count_ == bounds::kHeaderFields) {
            too_many_fields = true;
            error = beast::http::error::header_limit;
            return;
        }
        if (count_ == into_.headers.size()) into_.headers.emplace_back();
        Header& header = into_.headers[count_++];
        header.name.assign(name.data(), name.size());
        header.value.assign(value.data(), value.size());
        note(f, {value.data(), value.size()});
        if (f == field::unknown && disguises_framing(header.name)) facts.disguised = true;
    }

    void note(field f, std::string_view value) {
        switch (f) {
            case field::host:
                ++facts.hosts;
                facts.host = value;
                break;
            case field::content_length:
                ++facts.content_lengths;
                facts.content_length = value;
                break;
            case field::transfer_encoding:
                ++facts.transfer_encodings;
                facts.transfer_encoding = value;
                break;
            case field::expect:
                ++facts.expects;
                facts.expect = value;
                break;
            default:
                break;
        }
    }

    void on_header_impl(ErrorCodeRef) override { into_.headers.resize(count_); }

    void on_response_impl(int, Text, int, ErrorCodeRef) override {}
    void on_body_init_impl(const boost::optional<std::uint64_t>&, ErrorCodeRef) override {}
    std::size_t on_body_impl(Text, ErrorCodeRef) override { return 0; }
    void on_chunk_header_impl(std::uint64_t, Text, ErrorCodeRef) override {}
    std::size_t on_chunk_body_impl(std::uint64_t, Text, ErrorCodeRef) override { return 0; }
    void on_finish_impl(ErrorCodeRef) override {}

    Request& into_;
    std::size_t count_ = 0;
};

Error to_error(const beast::error_code& cause, const BeastHead& parser, std::string_view head) {
    if (parser.too_many_fields) return {ErrorCode::headers_too_large, "too many fields"};
    if (cause == beast::http::error::bad_version &&
        names_a_version(head.substr(0, head.find('\r'))))
        return {ErrorCode::version_not_supported, "version"};
    return {ErrorCode::malformed_request, cause.message()};
}

}  // namespace

void RequestParser::start() {
    scanner_ = {};
    framing_ = {};
    keep_alive_ = false;
    version_ = 11;
}

Result<std::optional<std::size_t>> RequestParser::parse(std::string_view input, Request& into) {
    const auto length = scanner_.scan(input);
    if (!length || !*length) return length;
    const std::string_view head = input.substr(0, **length);

    BeastHead parser(into);
    parser.header_limit(bounds::kHeaderBytes);
    beast::error_code error;
    const std::size_t taken = parser.put(boost::asio::buffer(head.data(), head.size()), error);
    if (error) return fail(to_error(error, parser, head));
    if (taken != head.size() || !parser.is_header_done())
        return fail(ErrorCode::malformed_request, "head ends early");

    SHIKAKU_TRY_LET(auto framing, check_framing(parser.facts));
    framing_ = framing;
    version_ = parser.facts.version;
    keep_alive_ = parser.keep_alive();
    into.path.assign(framing_.path);
    into.query.assign(framing_.query);
    return length;
}

}  // namespace shikaku::http
