# From the figures of one run (an object: name -> what load printed, or a number) to the ratios that
# matter. A ratio whose figures were not measured (a short run) is left out.
def rate(name): .[name] | if . == null then null else .questions_per_second end;
def over(a; b): if a == null or b == null or b == 0 then null else a / b end;

. as $figures
| rate("nginx_32") as $nginx
| (1 / (1 / $nginx + 1 / .rsa_checks)) as $limit
| rate("published_32") as $published
| {
    machine: $machine, kernel: $kernel,
    limit_per_second: $limit,
    answers_over_limit: over($published; $limit),
    limit_cpu_over_answer: over(.nginx_32.server_us_each + 1e6 / .rsa_checks;
                                .published_32.server_us_each),
    ordinary_cpu_over_ours: over(.ordinary_32.server_us_each; .published_32.server_us_each),
    cached_over_published: over(rate("cached"); rate("published_54")),
    live_over_published: over(rate("live"); rate("published_54")),
    batch_over_single: over(rate("batch_100"); $published),
    handshakes_over_nginx: over(rate("handshakes"); rate("nginx_handshakes")),
    resumed_over_nginx: over(rate("resumed"); rate("nginx_resumed")),
    import_over_sqlite: over(.sqlite_import_seconds; .import_seconds),
    cost_5m_over_100k: over(rate("published_100000"); rate("published_5000000")),
    cost_10m_log_over_empty: over(rate("published_100000"); rate("published_log_10000000")),
    goodput_at_10x_over_peak: over(rate("overload_10x"); rate("overload_peak")),
    polite_p99_ms_at_10x:
        (if .polite_in_overload then .polite_in_overload.p99_us / 1000 else null end),
    polite_p99_ms_beside_forged:
        (if .polite_beside_forged then .polite_beside_forged.p99_us / 1000 else null end),
    stampede_of_5000_seconds: .stampede_seconds,
    p99_ms_at_half_rate: (.published_half_rate.p99_us / 1000),
    idle_mb: (.rss_idle_kb / 1024),
    with_100k_mb: (.rss_100k_kb / 1024),
    with_1m_mb: (if .rss_1000000_kb then .rss_1000000_kb / 1024 else null end),
    kb_each_of_5000_connections:
        ((.rss_5000_connections_kb - .rss_no_connection_kb) / 5000),
    figures: $figures
  }
| with_entries(select(.value != null))
