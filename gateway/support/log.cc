#include "gateway/support/log.h"

#include <fmt/format.h>
#include <spdlog/logger.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>

#include "gateway/support/clock.h"
#include "gateway/support/json.h"
#include "gateway/support/text.h"

namespace shikaku {
namespace {

using Level = spdlog::level::level_enum;

std::shared_ptr<spdlog::logger> make_logger(spdlog::sink_ptr sink) {
    auto logger = std::make_shared<spdlog::logger>("shikaku", std::move(sink));
    logger->set_pattern("%v");
    logger->set_level(Level::trace);
    logger->flush_on(Level::trace);
    return logger;
}

// The logger in use and the least level that is written. Swapped whole on a reload, while other
// threads go on writing to the one they hold.
class Output {
  public:
    [[nodiscard]] bool wants(Level level) const {
        return level >= least_.load(std::memory_order_relaxed);
    }
    [[nodiscard]] std::shared_ptr<spdlog::logger> logger() {
        const std::scoped_lock lock(mutex_);
        if (!logger_) logger_ = make_logger(std::make_shared<spdlog::sinks::stderr_sink_mt>());
        return logger_;
    }
    void set(std::shared_ptr<spdlog::logger> logger, Level least) {
        const std::scoped_lock lock(mutex_);
        logger_ = std::move(logger);
        least_.store(least, std::memory_order_relaxed);
    }

  private:
    std::mutex mutex_;
    std::shared_ptr<spdlog::logger> logger_;
    std::atomic<Level> least_{Level::info};
};

// Never destroyed: threads may log until the very end.
Output& output() {
    // NOLINTNEXTLINE(cppcoreguidelines-owning-memory): owned by the process
    static auto* const instance = new Output();
    return *instance;
}

std::string_view name(Level level) {
    switch (level) {
        case Level::debug:
            return "debug";
        case Level::info:
            return "info";
        case Level::warn:
            return "warn";
        default:
            return "error";
    }
}

std::optional<Level> parse_level(std::string_view text) {
    if (text == "debug") return Level::debug;
    if (text == "info") return Level::info;
    if (text == "warn") return Level::warn;
    if (text == "error") return Level::err;
    if (text == "off") return Level::off;
    return std::nullopt;
}

// RFC 3339 in UTC with milliseconds.
std::string timestamp(Instant now) {
    const auto day = std::chrono::floor<std::chrono::days>(now);
    const std::chrono::year_month_day date{day};
    const std::chrono::hh_mm_ss time{now - day};
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", static_cast<int>(date.year()),
                       static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                       time.hours().count(), time.minutes().count(), time.seconds().count(),
                       time.subseconds().count());
}

// File names and messages of libraries can hold any bytes; a line of the log is always valid UTF-8.
void write_text(JsonWriter& out, std::string_view text) {
    if (is_valid_utf8(text)) {
        out.string(text);
        return;
    }
    std::string ascii(text);
    for (char& c : ascii) {
        if (static_cast<unsigned char>(c) >= 0x80) c = '?';
    }
    out.string(ascii);
}

template <class Fields>
void write_line(Level level, std::string_view message, const Fields& fields) {
    if (!output().wants(level)) return;
    std::string line;
    JsonWriter out(line);
    out.begin_object();
    out.field("time", timestamp(SystemClock().now())).field("level", name(level));
    write_text(out.key("message"), message);
    for (const LogField& field : fields) {
        out.key(field.name);
        if (const auto* text = std::get_if<std::string_view>(&field.value)) {
            write_text(out, *text);
        } else if (const auto* number = std::get_if<std::int64_t>(&field.value)) {
            out.number(*number);
        } else {
            out.boolean(std::get<bool>(field.value));
        }
    }
    out.end_object();
    output().logger()->log(level, spdlog::string_view_t(line.data(), line.size()));
}

}  // namespace

void log_debug(std::string_view message, LogFields fields) {
    write_line(Level::debug, message, fields);
}
void log_info(std::string_view message, LogFields fields) {
    write_line(Level::info, message, fields);
}
void log_warn(std::string_view message, LogFields fields) {
    write_line(Level::warn, message, fields);
}
void log_error(std::string_view message, LogFields fields) {
    write_line(Level::err, message, fields);
}

void log_error(std::string_view message, const Error& error) {
    if (error.pointer.empty()) {
        log_error(message, {{"code", shikaku::name(error.code)}, {"detail", error.detail}});
    } else {
        log_error(message, {{"code", shikaku::name(error.code)},
                            {"detail", error.detail},
                            {"pointer", error.pointer}});
    }
}

Status configure_log(std::string_view level, const std::string& file) {
    const auto least = parse_level(level);
    if (!least) {
        return fail(ErrorCode::bad_configuration,
                    "the log level is one of debug, info, warn, error, off");
    }
    try {
        spdlog::sink_ptr sink;
        if (file.empty()) {
            sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
        } else {
            sink = std::make_shared<spdlog::sinks::basic_file_sink_mt>(file);
        }
        output().set(make_logger(std::move(sink)), *least);
    } catch (const spdlog::spdlog_ex& cause) {
        return fail(ErrorCode::io_failed, cause.what());
    }
    return {};
}

}  // namespace shikaku
