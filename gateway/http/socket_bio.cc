#include "gateway/http/socket_bio.h"

#include <openssl/bio.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstdint>

namespace shikaku::http {
namespace {

int descriptor_of(BIO* bio) {
    return static_cast<int>(reinterpret_cast<std::intptr_t>(BIO_get_data(bio)));
}

bool is_transient(int error) {
    return error == EAGAIN || error == EWOULDBLOCK || error == EINTR;
}

int read_bytes(BIO* bio, char* out, int size) {
    BIO_clear_retry_flags(bio);
    const ssize_t n = ::recv(descriptor_of(bio), out, static_cast<std::size_t>(size), 0);
    if (n < 0 && is_transient(errno)) BIO_set_retry_read(bio);
    if (n == 0) BIO_set_flags(bio, BIO_FLAGS_IN_EOF);
    return static_cast<int>(n);
}

int write_bytes(BIO* bio, const char* in, int size) {
    BIO_clear_retry_flags(bio);
    const ssize_t n = ::send(descriptor_of(bio), in, static_cast<std::size_t>(size), MSG_NOSIGNAL);
    if (n < 0 && is_transient(errno)) BIO_set_retry_write(bio);
    return static_cast<int>(n);
}

long control(BIO* bio, int command, long, void*) {
    if (command == BIO_CTRL_FLUSH) return 1;
    if (command == BIO_CTRL_EOF) return BIO_test_flags(bio, BIO_FLAGS_IN_EOF) != 0 ? 1 : 0;
    return 0;
}

const BIO_METHOD* method() {
    static const BIO_METHOD* const made = [] {
        BIO_METHOD* m =
            BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "socket, no signal");
        if (m == nullptr) return m;
        BIO_meth_set_read(m, read_bytes);
        BIO_meth_set_write(m, write_bytes);
        BIO_meth_set_ctrl(m, control);
        return m;
    }();
    return made;
}

}  // namespace

BIO* new_socket_bio(int descriptor) {
    BIO* bio = method() == nullptr ? nullptr : BIO_new(method());
    if (bio == nullptr) return nullptr;
    BIO_set_data(bio, reinterpret_cast<void*>(static_cast<std::intptr_t>(descriptor)));
    BIO_set_init(bio, 1);
    return bio;
}

}  // namespace shikaku::http
