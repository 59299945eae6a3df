// SHA-256 of bytes that come in pieces. One thread at a time; nothing here fails.
#pragma once

#include <memory>

#include "gateway/support/bytes.h"

struct evp_md_ctx_st;

namespace shikaku::crypto {

class Sha256Stream {
  public:
    Sha256Stream();
    void feed(BytesView piece);
    [[nodiscard]] Hash256 finish();  // once; nothing may be fed afterwards

  private:
    struct Free {
        void operator()(evp_md_ctx_st* state) const;
    };
    std::unique_ptr<evp_md_ctx_st, Free> state_;
};

}  // namespace shikaku::crypto
