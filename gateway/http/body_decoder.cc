#include "gateway/http/body_decoder.h"

#include <algorithm>

#include "gateway/support/bounds.h"

namespace shikaku::http {
namespace {

std::unexpected<Error> bad_chunk(std::string_view what) {
    return fail(ErrorCode::malformed_request, std::string(what));
}

int hex_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

bool is_text(char c) {
    const auto u = static_cast<unsigned char>(c);
    return c == '\t' || (u >= 0x20 && u != 0x7f);
}

bool is_token(char c) {
    const auto u = static_cast<unsigned char>(c);
    return u > 0x20 && u < 0x7f &&
           std::string_view("()<>@,;:\\\"/[]?={}").find(c) == std::string_view::npos;
}

}  // namespace

BodyDecoder BodyDecoder::counted(std::uint64_t length) {
    BodyDecoder decoder;
    decoder.remaining_ = length;
    if (length > 0) decoder.state_ = State::data;
    return decoder;
}

BodyDecoder BodyDecoder::chunked(std::uint64_t bytes_max) {
    BodyDecoder decoder;
    decoder.bytes_left_ = bytes_max;
    decoder.framing_allowed_ = bounds::kChunkOverheadBytes;
    decoder.state_ = State::size;
    return decoder;
}

Result<std::size_t> BodyDecoder::decode(std::string_view in, std::string& out) {
    std::size_t taken = 0;
    while (taken < in.size() && state_ != State::done) {
        if (state_ == State::data || state_ == State::chunk_data) {
            const auto n = std::min<std::uint64_t>(remaining_, in.size() - taken);
            out.append(in.data() + taken, n);
            taken += n;
            remaining_ -= n;
            framing_allowed_ += n * bounds::kChunkOverheadPerByte;
            if (remaining_ == 0) state_ = state_ == State::data ? State::done : State::data_cr;
        } else {
            SHIKAKU_TRY(step(in[taken]));
            ++taken;
        }
    }
    return taken;
}

Status BodyDecoder::step(char c) {
    if (state_ >= State::trailer_start) return trailer(c);
    if (state_ != State::extension && ++framing_ > framing_allowed_)
        return bad_chunk("chunks too small for their sizes");
    return chunk_step(c);
}

Status BodyDecoder::chunk_step(char c) {
    switch (state_) {
        case State::size:
            return size_digit(c);
        case State::extension:
            if (++overhead_ > bounds::kChunkOverheadBytes) return bad_chunk("extensions too long");
            if (c == '\r') {
                state_ = State::size_lf;
            } else if (!is_text(c)) {
                return bad_chunk("control character in an extension");
            }
            return {};
        case State::size_lf:
            if (c != '\n') return bad_chunk("bare carriage return");
            return begin_chunk();
        case State::data_cr:
            if (c != '\r') return bad_chunk("chunk longer than its size");
            state_ = State::data_lf;
            return {};
        default:  // data_lf
            if (c != '\n') return bad_chunk("bare carriage return");
            state_ = State::size;
            return {};
    }
}

Status BodyDecoder::size_digit(char c) {
    if (const int value = hex_value(c); value >= 0) {
        if (++digits_ > 16) return bad_chunk("chunk size too long");
        remaining_ = remaining_ * 16 + static_cast<std::uint64_t>(value);
        return {};
    }
    if (digits_ == 0 || (c != '\r' && c != ';')) return bad_chunk("chunk size is not a number");
    state_ = c == ';' ? State::extension : State::size_lf;
    return {};
}

Status BodyDecoder::begin_chunk() {
    digits_ = 0;
    if (remaining_ > bytes_left_) return fail(ErrorCode::body_too_large, "chunked body too large");
    bytes_left_ -= remaining_;
    state_ = remaining_ == 0 ? State::trailer_start : State::chunk_data;
    return {};
}

Status BodyDecoder::trailer(char c) {
    if (++overhead_ > bounds::kChunkOverheadBytes) return bad_chunk("trailers too long");
    switch (state_) {
        case State::trailer_start:
            if (c == '\r') {
                state_ = State::last_lf;
            } else if (is_token(c)) {
                state_ = State::trailer_name;
            } else {
                return bad_chunk("trailer is malformed");
            }
            return {};
        case State::trailer_name:
            if (c == ':') {
                state_ = State::trailer_value;
            } else if (!is_token(c)) {
                return bad_chunk("trailer is malformed");
            }
            return {};
        case State::trailer_value:
            if (c == '\r') {
                state_ = State::trailer_lf;
            } else if (!is_text(c)) {
                return bad_chunk("control character in a trailer");
            }
            return {};
        default:
            if (c != '\n') return bad_chunk("bare carriage return");
            state_ = state_ == State::last_lf ? State::done : State::trailer_start;
            return {};
    }
}

}  // namespace shikaku::http
