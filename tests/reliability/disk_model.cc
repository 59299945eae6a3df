#include "tests/reliability/disk_model.h"

#include <algorithm>
#include <fstream>
#include <functional>

namespace shikaku::reliability {

namespace fs = std::filesystem;

namespace {

std::size_t up_to(std::size_t last, std::mt19937_64& random) {
    return std::uniform_int_distribution<std::size_t>(0, last)(random);
}

}  // namespace

void DiskModel::File::note(std::size_t sector) {
    Sector now{};
    const auto begin = std::min(current.size(), sector * kSectorBytes);
    const auto end = std::min(current.size(), begin + kSectorBytes);
    std::copy(current.begin() + static_cast<std::ptrdiff_t>(begin),
              current.begin() + static_cast<std::ptrdiff_t>(end), now.begin());
    written[sector].versions.push_back(now);
}

void DiskModel::File::write(std::size_t at, BytesView bytes) {
    const auto end = at + bytes.size();
    if (end > current.size()) {
        current.resize(end);
        sizes.push_back(end);
    }
    std::ranges::copy(bytes, current.begin() + static_cast<std::ptrdiff_t>(at));
    for (auto sector = at / kSectorBytes; sector * kSectorBytes < end; ++sector)
        note(sector);
    // The whole page is dirty again.
    constexpr auto kInPage = kPageBytes / kSectorBytes;
    const auto first = at / kPageBytes * kInPage;
    const auto last = (end + kPageBytes - 1) / kPageBytes * kInPage;
    for (auto found = written.lower_bound(first); found != written.end() && found->first < last;
         ++found)
        found->second.clean = false;
}

void DiskModel::File::resize(std::size_t size) {
    current.resize(size);
    sizes.push_back(size);
    if (size % kSectorBytes != 0) note(size / kSectorBytes);
}

void DiskModel::File::flush() {
    durable.resize(current.size());
    std::erase_if(written, [&](const auto& one) {
        const auto& [sector, state] = one;
        if (state.clean) return false;
        const auto begin = std::min(durable.size(), sector * kSectorBytes);
        const auto size = std::min(durable.size() - begin, kSectorBytes);
        std::copy_n(state.versions.back().begin(), size,
                    durable.begin() + static_cast<std::ptrdiff_t>(begin));
        return true;
    });
    sizes.clear();
}

void DiskModel::File::fail_to_flush() {
    for (auto& [sector, state] : written)
        state.clean = true;
}

Bytes DiskModel::File::left(Loss loss, std::mt19937_64& random) const {
    if (loss == Loss::none) return current;
    Bytes content = durable;
    if (loss == Loss::all) return content;
    if (const auto choice = up_to(sizes.size(), random); choice > 0)
        content.resize(sizes[choice - 1]);
    for (const auto& [sector, state] : written) {
        const auto begin = sector * kSectorBytes;
        if (begin >= content.size()) break;
        const auto size = std::min(content.size() - begin, kSectorBytes);
        const auto out = content.begin() + static_cast<std::ptrdiff_t>(begin);
        const auto put = [&](std::size_t choice, std::size_t from) {  // 0: as it was
            if (choice > 0 && from < size)
                std::copy_n(state.versions[choice - 1].begin() + static_cast<std::ptrdiff_t>(from),
                            size - from, out + static_cast<std::ptrdiff_t>(from));
        };
        put(up_to(state.versions.size(), random), 0);
        if (loss != Loss::torn || up_to(3, random) > 0) continue;
        if (begin >= durable.size() && up_to(1, random) == 0) {
            std::fill_n(out, size, std::uint8_t{0});
        } else {
            put(state.versions.size(), up_to(size, random));
        }
    }
    return content;
}

DiskModel::DiskModel(const Trace& trace) : trace_(trace) {
    for (const auto& [name, file] : trace.before) {
        files_[file.first] = {
            .durable = file.second, .current = file.second, .written = {}, .sizes = {}};
        auto& folder = folders_[name.parent_path()];
        folder.durable[name.filename()] = folder.current[name.filename()] = file.first;
    }
}

void DiskModel::advance(std::size_t count) {
    for (; done_ < count; ++done_)
        apply(trace_.operations[done_]);
}

void DiskModel::rename(const fs::path& folder, const std::function<void(Names&)>& change) {
    change(folders_[folder].current);
    folders_[folder].since.push_back(folders_[folder].current);
}

void DiskModel::apply(const Operation& operation) {
    using What = Operation::What;
    const auto& name = operation.name;
    const auto& to = operation.to;
    switch (operation.what) {
        case What::write:
            return files_[operation.file].write(operation.at, operation.bytes);
        case What::resize:
            return files_[operation.file].resize(operation.at);
        case What::sync:
            return files_[operation.file].flush();
        case What::sync_failed:
            return files_[operation.file].fail_to_flush();
        case What::create:
            files_.try_emplace(operation.file);
            return rename(name.parent_path(),
                          [&](Names& names) { names[name.filename()] = operation.file; });
        case What::move: {
            const int file = folders_[name.parent_path()].current.at(name.filename());
            const bool same = name.parent_path() == to.parent_path();
            if (!same) rename(to.parent_path(), [&](Names& names) { names[to.filename()] = file; });
            return rename(name.parent_path(), [&](Names& names) {
                names.erase(name.filename());
                if (same) names[to.filename()] = file;
            });
        }
        case What::remove:
            return rename(name.parent_path(), [&](Names& names) { names.erase(name.filename()); });
        case What::sync_names: {
            auto& folder = folders_[name == "." ? fs::path() : name];
            folder.durable = folder.current;
            folder.since.clear();
            return;
        }
    }
}

void DiskModel::lay_out(const fs::path& folder, Loss loss, std::mt19937_64& random) const {
    for (const auto& [path, state] : folders_) {
        fs::create_directories(folder / path);
        const Names* names = &state.durable;
        if (!state.since.empty()) {
            const auto choice = loss == Loss::all    ? 0
                                : loss == Loss::none ? state.since.size()
                                                     : up_to(state.since.size(), random);
            if (choice > 0) names = &state.since[choice - 1];
        }
        for (const auto& [name, file] : *names) {
            const Bytes content = files_.at(file).left(loss, random);
            std::ofstream out(folder / path / name, std::ios::binary);
            out.write(reinterpret_cast<const char*>(content.data()),
                      static_cast<std::streamsize>(content.size()));
        }
    }
}

}  // namespace shikaku::reliability
