// One request written and its response read on a connected link.
#pragma once

#include "gateway/http/client.h"
#include "gateway/http/link.h"
#include "gateway/http/response_parser.h"

namespace shikaku::http {

class ClientCall {
  public:
    ClientCall(Link& link, const ClientRequest& request, const std::string& authority);

    // io_failed when the connection was lost, source_malformed, or the error of
    // request.body_pieces.
    [[nodiscard]] asio::awaitable<Result<ClientResponse>> run();

    // Nothing at all came back: on a connection that was kept, the server had probably closed it.
    [[nodiscard]] bool unheard() const { return unheard_; }
    // Another request may follow on the link.
    [[nodiscard]] bool reusable() const { return reusable_; }

  private:
    [[nodiscard]] asio::awaitable<Status> write_request();
    [[nodiscard]] asio::awaitable<Status> write_pieces(std::string head);
    [[nodiscard]] asio::awaitable<Result<ClientResponse>> read_response();
    [[nodiscard]] Result<bool> receive();  // true: complete

    Link& link_;
    const ClientRequest& request_;
    const std::string& authority_;
    InputBuffer input_;
    ResponseParser parser_;
    Io blocked_on_ = Io::want_read;
    bool ended_ = false;
    bool unheard_ = true;
    bool reusable_ = false;
};

// Errors: internal for a request that cannot be written (control characters, no path).
[[nodiscard]] Result<std::string> request_head(const ClientRequest& request,
                                               const std::string& authority);

}  // namespace shikaku::http
