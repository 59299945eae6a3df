#include "gateway/http/socket_bio.h"

#include <openssl/bio.h>
#include <sys/socket.h>

#include <cerrno>
#include <limits>

namespace shikaku::http {
namespace {

struct Pipe {
    int descriptor = -1;
    int reads_left = std::numeric_limits<int>::max();
    bool held_back = false;
    HelloWatch hello{};
};

Pipe& pipe_of(BIO* bio) {
    return *static_cast<Pipe*>(BIO_get_data(bio));
}

bool is_transient(int error) {
    return error == EAGAIN || error == EWOULDBLOCK || error == EINTR;
}

int read_bytes(BIO* bio, char* out, int size) {
    BIO_clear_retry_flags(bio);
    Pipe& pipe = pipe_of(bio);
    if (pipe.reads_left == 0) {
        pipe.held_back = true;
        BIO_set_retry_read(bio);
        return -1;
    }
    --pipe.reads_left;
    const ssize_t n = ::recv(pipe.descriptor, out, static_cast<std::size_t>(size), 0);
    if (n < 0 && is_transient(errno)) BIO_set_retry_read(bio);
    if (n == 0) BIO_set_flags(bio, BIO_FLAGS_IN_EOF);
    if (n > 0 && !pipe.hello.take({out, static_cast<std::size_t>(n)})) return -1;
    return static_cast<int>(n);
}

int write_bytes(BIO* bio, const char* in, int size) {
    BIO_clear_retry_flags(bio);
    const ssize_t n =
        ::send(pipe_of(bio).descriptor, in, static_cast<std::size_t>(size), MSG_NOSIGNAL);
    if (n < 0 && is_transient(errno)) BIO_set_retry_write(bio);
    return static_cast<int>(n);
}

long control(BIO* bio, int command, long, void*) {
    if (command == BIO_CTRL_FLUSH) return 1;
    if (command == BIO_CTRL_EOF) return BIO_test_flags(bio, BIO_FLAGS_IN_EOF) != 0 ? 1 : 0;
    return 0;
}

int forget(BIO* bio) {
    // NOLINTNEXTLINE(cppcoreguidelines-owning-memory): the BIO owns it
    delete static_cast<Pipe*>(BIO_get_data(bio));
    BIO_set_data(bio, nullptr);
    return 1;
}

const BIO_METHOD* method() {
    static const BIO_METHOD* const made = [] {
        BIO_METHOD* m =
            BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "socket, no signal");
        if (m == nullptr) return m;
        BIO_meth_set_read(m, read_bytes);
        BIO_meth_set_write(m, write_bytes);
        BIO_meth_set_ctrl(m, control);
        BIO_meth_set_destroy(m, forget);
        return m;
    }();
    return made;
}

}  // namespace

BIO* new_socket_bio(int descriptor) {
    BIO* bio = method() == nullptr ? nullptr : BIO_new(method());
    if (bio == nullptr) return nullptr;
    // NOLINTNEXTLINE(cppcoreguidelines-owning-memory): see forget()
    BIO_set_data(bio, new Pipe{.descriptor = descriptor});
    BIO_set_init(bio, 1);
    return bio;
}

void allow_reads(BIO* bio, int reads) {
    pipe_of(bio).reads_left = reads;
    pipe_of(bio).held_back = false;
}

void note_server_hello(BIO* bio, HelloWatch::Answer answer) {
    pipe_of(bio).hello.answered(answer);
}

bool held_back(BIO* bio) {
    return pipe_of(bio).held_back;
}

}  // namespace shikaku::http
