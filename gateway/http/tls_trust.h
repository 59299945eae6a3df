// Whom a TLS context believes: the authorities and revocation lists in its store, and until when a
// verified chain holds. Private to this folder.
//
// A good revocation list must be there for every authority, and every certificate of a chain is
// looked up, intermediates too. Lists are judged when they are loaded, so that one that would
// refuse every client is refused itself: of no key of its authority, narrowed to some certificates,
// or without a good one beside it expired or not yet valid. Several of one authority are allowed,
// and authorities of one name with several keys, as while a key is changed.
#pragma once

#include <openssl/ssl.h>

#include <ctime>
#include <vector>

#include "gateway/http/tls.h"

namespace shikaku::http {

// A server's bad list is an error. A client's is one source's trouble: it is told in the log, and
// only that source's answers are lost (fail closed).
enum class BadLists : std::uint8_t { refused, told };

// `files.ca` and `files.crl` into the context's store. bad_configuration says what is wrong where.
[[nodiscard]] Status load_trust(SSL_CTX* context, const TlsFiles& files, BadLists bad_lists);

// Under strict checking (X509_V_FLAG_X509_STRICT) from now on: an authority that could vouch for
// nobody is refused.
[[nodiscard]] Status be_strict(SSL_CTX* context, const TlsFiles& files);

// The earliest notAfter of the chain and nextUpdate of its issuers' lists, of each issuer the
// latest.
[[nodiscard]] std::time_t holds_until(const STACK_OF(X509) * chain, X509_STORE* store);

// When no authority can vouch for anybody any more; empty: one can. A root, with those that it has
// signed, can until the first of their lists runs out: a chain is looked up whole, and which of
// them has signed the clients is not known. What has expired itself is not looked up any more.
[[nodiscard]] std::string why_nobody_is_trusted(X509_STORE* store, std::time_t now);

// Of every authority and list in the store.
[[nodiscard]] std::vector<Expiry> expiries_of(X509_STORE* store);

// SHA-256 of each authority's certificate.
[[nodiscard]] std::vector<Hash256> fingerprints_of(X509_STORE* store);

// Seconds since the epoch; the end of time when the field is absent.
[[nodiscard]] std::time_t to_time(const ASN1_TIME* when);

// Why OpenSSL failed last; forgotten by that.
[[nodiscard]] std::string take_openssl_reason();

}  // namespace shikaku::http
