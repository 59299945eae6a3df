// Pages that prove themselves. A flipped bit in an index is a row that is not found: SQLite has no
// checksum of its own. A layer over its file system puts one (of content and page number) into the
// last eight bytes of each page of a database as it goes into the file, and compares it as it is
// read: a damaged page is an error, never a "no".
//
// A file says by its header (reserved bytes: 8) that its pages have one. Not covered: pages that
// still lie in the write-ahead log, which has checksums for its recovery only.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "gateway/storage/ports/registry_rows.h"
#include "gateway/support/bytes.h"
#include "gateway/support/result.h"

namespace shikaku::storage {

inline constexpr int kPageChecksumBytes = 8;

// Name of the layer over what is SQLite's file system at the moment.
[[nodiscard]] const char* checked_pages_vfs();

// Rewrites a database whose pages have none, which takes as long as copying it and as much space;
// nobody else may have it open.
[[nodiscard]] Status add_page_checksums(const std::filesystem::path& database);

// A page as it lies in the file, counted from 1.
[[nodiscard]] bool is_intact(BytesView page, std::uint32_t number);

// The pages of a database file itself, for looking through it at leisure. A page that is being
// written at the moment may look damaged.
[[nodiscard]] Result<PagesRead> read_pages(const std::filesystem::path& database,
                                           std::uint32_t first, std::uint32_t count);

}  // namespace shikaku::storage
