// What one request needs while it is read, served and answered. A connection borrows a set when its
// first byte is there and gives it back when it falls idle, so that memory follows the requests in
// flight, not the connections open, and a busy connection allocates nothing. One pool a thread.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "gateway/http/input_buffer.h"
#include "gateway/http/message.h"
#include "gateway/http/request_parser.h"

namespace shikaku::http {

struct ExchangeBuffers {
    InputBuffer input;
    RequestParser parser;
    Request request;
    std::string output;
};

class BufferPool {
  public:
    [[nodiscard]] std::unique_ptr<ExchangeBuffers> take();
    void give_back(std::unique_ptr<ExchangeBuffers> buffers);

  private:
    std::vector<std::unique_ptr<ExchangeBuffers>> spare_;
};

}  // namespace shikaku::http
