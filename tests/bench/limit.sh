# The limit that the gateway is measured against; sourced by run.sh. A server that does nothing but
# TLS, HTTP and one check of a card's signature answers L = 1 / (1/N + 1/V) questions/s on one core:
#   N  nginx, one worker, TLS 1.3, client certificates, keep-alive, a fixed body of our answer's size
#   V  RSA-2048 signature checks of OpenSSL

# start_nginx BODY_BYTES PORT: pinned to $server_cpu, with the PKI in $certs.
start_nginx() {
    local body_bytes="$1" port="$2" folder="$bench/nginx" body
    # nginx takes at most 4 KiB in one directive.
    [ "$body_bytes" -le 3900 ] || body_bytes=3900
    body="$(head -c "$body_bytes" /dev/zero | tr '\0' x)"
    mkdir -p "$folder"
    cat >"$folder/nginx.conf" <<CONF
daemon off;
worker_processes 1;
pid $folder/master.pid;
error_log $folder/error.log;
events { worker_connections 8192; }
http {
    access_log off;
    client_body_temp_path $folder/body; proxy_temp_path $folder/proxy;
    fastcgi_temp_path $folder/fastcgi; uwsgi_temp_path $folder/uwsgi; scgi_temp_path $folder/scgi;
    keepalive_requests 1000000000; keepalive_timeout 300s;
    server {
        listen 127.0.0.1:$port ssl backlog=4096;
        ssl_protocols TLSv1.3;
        ssl_certificate $certs/server.crt; ssl_certificate_key $certs/server.key;
        ssl_client_certificate $certs/ca.crt; ssl_verify_client on; ssl_verify_depth 3;
        ssl_session_cache off; ssl_session_tickets on;
        location / { default_type application/json; return 200 "$body"; }
    }
}
CONF
    start_program nginx "$folder/out.log" taskset -c "$server_cpu" nginx -c "$folder/nginx.conf"
    for _ in $(seq 100); do
        (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null && break
        sleep 0.05
    done
    nginx_worker="$(cat "/proc/$(pid_of nginx)/task/$(pid_of nginx)/children" | awk '{print $1}')"
}

# RSA-2048 checks/s on $server_cpu.
rsa_checks_per_second() {
    taskset -c "$server_cpu" openssl speed -seconds "$1" rsa2048 2>/dev/null |
        awk '$1 == "rsa" && $2 == 2048 { print $NF }'
}
