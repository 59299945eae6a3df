#include "gateway/http/response_parser.h"

#include <boost/beast/http/basic_parser.hpp>

#include "gateway/support/bounds.h"
#include "gateway/support/text.h"

namespace shikaku::http {
namespace {

namespace beast = boost::beast;
using beast::http::field;

std::unexpected<Error> malformed(std::string_view what) {
    return fail(ErrorCode::source_malformed, std::string(what));
}

// Sees one whole head; the body never reaches it.
class BeastHead final : public beast::http::basic_parser<false> {
  public:
    explicit BeastHead(ClientResponse& into) : into_(into) {
        body_limit(boost::none);
        header_limit(bounds::kHeaderBytes);
        skip(true);
    }

    HeadFacts facts;

  private:
    using ErrorCodeRef = beast::error_code&;
    using Text = beast::string_view;

    void on_response_impl(int status, Text, int version, ErrorCodeRef) override {
        into_.status = status;
        facts.version = version;
    }

    void on_field_impl(field f, Text name, Text value, ErrorCodeRef error) override {
        if (into_.headers.size() == bounds::kHeaderFields) {
            error = beast::http::error::header_limit;
            return;
        }
        into_.headers.push_back({std::string(name), std::string(value)});
        const std::string_view text(value.data(), value.size());
        if (f == field::content_length) {
            ++facts.content_lengths;
            facts.content_length = text;
        } else if (f == field::transfer_encoding) {
            ++facts.transfer_encodings;
            facts.transfer_encoding = text;
        }
    }

    void on_header_impl(ErrorCodeRef) override {}
    void on_request_impl(beast::http::verb, Text, Text, int, ErrorCodeRef) override {}
    void on_body_init_impl(const boost::optional<std::uint64_t>&, ErrorCodeRef) override {}
    std::size_t on_body_impl(Text, ErrorCodeRef) override { return 0; }
    void on_chunk_header_impl(std::uint64_t, Text, ErrorCodeRef) override {}
    std::size_t on_chunk_body_impl(std::uint64_t, Text, ErrorCodeRef) override { return 0; }
    void on_finish_impl(ErrorCodeRef) override {}

    ClientResponse& into_;
};

}  // namespace

Result<bool> ResponseParser::take(InputBuffer& input) {
    while (state_ == State::head) {
        const auto whole = take_head(input);
        if (!whole || !*whole) return whole;
    }
    if (state_ != State::complete) SHIKAKU_TRY(take_body(input));
    return state_ == State::complete;
}

Result<bool> ResponseParser::take_head(InputBuffer& input) {
    const auto length = scanner_.scan(input.view());
    if (!length) return malformed(length.error().detail);
    if (!*length) return false;

    response_ = {};
    BeastHead parser(response_);
    beast::error_code error;
    parser.put(boost::asio::buffer(input.view().data(), **length), error);
    if (error) return malformed(error.message());
    keep_alive_ = parser.keep_alive();
    const HeadFacts facts = parser.facts;
    const bool interim = response_.status < 200;
    if (!interim) {
        SHIKAKU_TRY(decide_body(facts));
    } else if (response_.status == 101 || ++interim_ > bounds::kInformationalResponses) {
        return malformed("unexpected interim response");
    }
    input.consume(**length);
    scanner_ = {};
    return true;
}

Status ResponseParser::decide_body(const HeadFacts& facts) {
    if (facts.content_lengths > 1) return malformed("more than one Content-Length");
    if (facts.transfer_encodings > 0 &&
        (facts.transfer_encodings > 1 || facts.content_lengths > 0 || facts.version < 11 ||
         !iequals(facts.transfer_encoding, "chunked")))
        return malformed("Transfer-Encoding is not exactly chunked");
    const auto length = parse_content_length(facts.content_length);
    if (facts.content_lengths == 1 && !length) return malformed("Content-Length is not a number");

    if (head_request_ || response_.status == 204 || response_.status == 304) {
        state_ = State::complete;
    } else if (facts.transfer_encodings == 1) {
        body_ = BodyDecoder::chunked(body_bytes_max_);
        state_ = State::body;
    } else if (length) {
        if (*length > body_bytes_max_) return malformed("response too large");
        body_ = BodyDecoder::counted(*length);
        state_ = State::body;
    } else {
        keep_alive_ = false;
        state_ = State::until_end;
    }
    return {};
}

Status ResponseParser::take_body(InputBuffer& input) {
    if (state_ == State::until_end) {
        if (response_.body.size() + input.view().size() > body_bytes_max_)
            return malformed("response too large");
        response_.body.append(input.view());
        input.consume(input.view().size());
        return {};
    }
    const auto taken = body_.decode(input.view(), response_.body);
    if (!taken) return malformed(taken.error().detail);
    input.consume(*taken);
    if (body_.done()) state_ = State::complete;
    return {};
}

Status ResponseParser::end_of_stream(bool announced) {
    if (state_ == State::until_end && announced) {
        state_ = State::complete;
        return {};
    }
    if (state_ == State::head)
        return fail(ErrorCode::io_failed, "connection ended before the answer");
    return malformed("response cut short");
}

}  // namespace shikaku::http
